//! `nosana stake withdraw`: withdraw what the cooldown has released.

use anyhow::Result;
use nosana_client::actions;

use super::{options::StakeOptions, overview::print_own_stake};

/// Withdraws what the cooldown has released.
pub async fn withdraw_stake(options: StakeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    ctx.send(actions::withdraw(ctx.address(), ctx.mint)).await?;
    print_own_stake(&ctx, options.connection.is_json()).await
}
