//! `nosana stake claim-delegated`: claim what a delegation has earned.

use anyhow::Result;
use nosana_client::actions;

use super::{options::DelegationOptions, overview::print_own_stake};

/// Claims what the delegation has earned.
pub async fn claim_delegated(options: DelegationOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    ctx.send(actions::claim_delegated(ctx.address(), options.owner, ctx.mint)).await?;
    print_own_stake(&ctx, options.connection.is_json()).await
}
