//! `nosana rewards exit`: claim what a position has earned, and close it.

use anyhow::Result;
use nosana_client::actions;

use super::{options::PositionOptions, payout::send_and_print, position::ensure_position};

/// Claims what the position has earned, and closes it.
pub async fn exit_pool(options: PositionOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    ensure_position(&ctx).await?;

    let exit = actions::exit(ctx.address(), ctx.mint);
    send_and_print(&ctx, exit, options.connection.is_json()).await
}
