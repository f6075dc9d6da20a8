//! `nosana stake claim-delegated`: claim what a delegation has earned.

use anyhow::Result;
use nosana_client::actions;

use super::{options::DelegationOptions, payout::send_and_print};

/// Claims what the delegation has earned.
pub async fn claim_delegated(options: DelegationOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    let claim_delegated = actions::claim_delegated(ctx.address(), options.owner, ctx.mint);
    send_and_print(&ctx, &[claim_delegated.into()], options.connection.is_json()).await
}
