//! Reading stakes.

use anyhow::{Context, Result};
use nosana_client::{pda, staking::accounts::Stake};
use solana_address::Address;

use crate::commands::context::CliContext;

/// Returns the owner's stake; `None` if the owner has none.
pub async fn find_stake(ctx: &CliContext, owner: &Address) -> Result<Option<Stake>> {
    Ok(ctx.session.find_account(&pda::staking::stake(owner)).await?)
}

/// Returns the key's stake. Fails if the key has none.
pub async fn fetch_own_stake(ctx: &CliContext) -> Result<Stake> {
    find_stake(ctx, &ctx.address())
        .await?
        .context("this key has no stake on this network; `nosana stake add` opens one")
}
