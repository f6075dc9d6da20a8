//! `nosana stake close`: close an empty stake.

use anyhow::Result;
use nosana_client::{pda, staking::instructions::Close};

use super::{options::StakeOptions, overview::print_own_stake};

/// Closes the key's stake. Its rent goes to the owner.
pub async fn close_stake(options: StakeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let owner = ctx.address();

    ctx.send(Close { owner, stake: pda::staking::stake(&owner) }).await?;
    print_own_stake(&ctx, options.connection.is_json()).await
}
