//! Reading stakes.

use anyhow::{Context, Result, ensure};
use nosana_client::{
    jobs::accounts::Node,
    pda,
    staking::accounts::{Config, Stake},
};
use solana_address::Address;

use crate::commands::{context::CliContext, values::format_nos};

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

/// Returns the base units of the owner's stake that are locked for the owner's node and that no
/// slot, result or seat uses; zero if the owner has no node.
pub async fn find_idle_collateral(ctx: &CliContext, owner: &Address) -> Result<u64> {
    let node = ctx.session.find_account::<Node>(&pda::jobs::node(owner)).await?;
    Ok(node.map_or(0, |node| node.idle_collateral))
}

/// Fails if the amount is less than the least stake, which is also the least delegation.
pub async fn ensure_least_stake(ctx: &CliContext, amount: u64) -> Result<()> {
    let least = ctx.session.fetch_account::<Config>(&pda::staking::config()).await?.min_stake;
    ensure!(
        amount >= least,
        "{} is too little: the least stake is {}",
        format_nos(amount),
        format_nos(least)
    );
    Ok(())
}
