//! `nosana stake close-delegation`: close an empty delegation.

use anyhow::Result;
use nosana_client::actions;

use super::{options::DelegationOptions, overview::print_own_stake};

/// Closes an empty delegation. Its rent goes to the delegator.
pub async fn close_delegation(options: DelegationOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    ctx.send(actions::close_delegation(ctx.address(), ctx.address(), options.owner)).await?;
    print_own_stake(&ctx, options.connection.is_json()).await
}
