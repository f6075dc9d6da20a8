//! `nosana stake withdraw`: withdraw what the cooldown has released.

use anyhow::Result;
use nosana_client::actions;

use super::{options::StakeOptions, payout::send_and_print};

/// Withdraws what the cooldown has released.
pub async fn withdraw_stake(options: StakeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    let withdraw = actions::withdraw(ctx.address(), ctx.mint);
    send_and_print(&ctx, withdraw, options.connection.is_json()).await
}
