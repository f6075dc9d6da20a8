//! `nosana rewards claim`: claim what a position has earned.

use anyhow::Result;
use nosana_client::actions;

use super::{options::PositionOptions, payout::send_and_print, position::ensure_position};

/// Claims what the position has earned.
pub async fn claim_rewards(options: PositionOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    ensure_position(&ctx).await?;

    let claim = actions::claim(ctx.address(), ctx.mint);
    send_and_print(&ctx, claim, options.connection.is_json()).await
}
