//! `nosana rewards sync`: update a position to its stake's weight.

use anyhow::Result;
use nosana_client::actions;

use super::{options::PositionOptions, payout::send_and_print, position::ensure_position};

/// Updates the position to its stake's current weight.
pub async fn sync_position(options: PositionOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    ensure_position(&ctx).await?;

    let sync = actions::sync(ctx.address());
    send_and_print(&ctx, sync, options.connection.is_json()).await
}
