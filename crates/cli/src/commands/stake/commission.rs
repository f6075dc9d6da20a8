//! `nosana stake commission`: claim the commission of delegations.

use anyhow::Result;
use nosana_client::actions;

use super::{options::StakeOptions, overview::print_own_stake};

/// Claims the commission that delegations earned for the key's stake.
pub async fn claim_commission(options: StakeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    ctx.send(actions::claim_commission(ctx.address(), ctx.mint)).await?;
    print_own_stake(&ctx, options.connection.is_json()).await
}
