//! `nosana rewards enter`: open a position.

use anyhow::{Result, ensure};
use nosana_client::actions;

use super::{options::PositionOptions, payout::send_and_print, position::has_position};

/// Opens a position for the key's stake.
pub async fn enter_pool(options: PositionOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    ensure!(
        !has_position(&ctx).await?,
        "the stake has a position already; `nosana rewards show` shows what it has earned"
    );

    send_and_print(&ctx, actions::enter(ctx.address()), options.connection.is_json()).await
}
