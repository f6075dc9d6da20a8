//! `nosana stake withdraw-delegated`: withdraw what a delegation's cooldown has released.

use anyhow::Result;
use nosana_client::actions;

use super::{options::DelegationOptions, payout::send_and_print};

/// Withdraws what the delegation's cooldown has released.
pub async fn withdraw_delegated(options: DelegationOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    let delegator = ctx.address();
    let withdraw = actions::withdraw_delegated(delegator, delegator, options.owner, ctx.mint);
    send_and_print(&ctx, &[withdraw.into()], options.connection.is_json()).await
}
