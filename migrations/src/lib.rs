//! Sets up a cluster in numbered steps, which the local network, the tests and a real deployment
//! share.
//!
//! Each step reads the chain first and creates only what is missing, so applying a plan again
//! changes nothing.
//!
//! | step | creates |
//! | --- | --- |
//! | 1 [`steps::mint`] | the NOS mint, if the plan has its key; a real cluster has one |
//! | 2 [`steps::rewards`] | the reward pool |
//! | 3 [`steps::staking`] | the staking configuration |
//! | 4 [`steps::jobs`] | the jobs configuration |
//! | 5 [`steps::grants`] | NOS for wallets, only if the plan has the mint's key |
//! | 6 [`steps::market`] | one market |
//! | 7 [`steps::idls`] | the IDLs, if the cluster has the program-metadata program |

mod plan;
pub mod steps;
mod target;

use anyhow::Result;
use nosana_client::pda;
pub use plan::{IdlPlan, MarketPlan, MintSource, Plan, StepOutcome};
use solana_address::Address;
pub use target::Target;

/// Applies all steps in order and calls `progress` after each.
///
/// # Errors
/// If a step fails. Earlier steps stay applied; fix the cause and apply the plan again.
pub async fn apply_plan(
    target: Target<'_>,
    plan: &Plan,
    mut progress: impl FnMut(&str, StepOutcome),
) -> Result<()> {
    let mint = plan.mint.address();

    progress("1 mint", steps::mint::ensure_mint(target, &plan.mint).await?);
    progress("2 rewards", steps::rewards::ensure_pool(target, mint, plan.epoch_seconds).await?);
    progress("3 staking", steps::staking::ensure_config(target, mint).await?);

    let jobs = steps::jobs::ensure_config(target, mint, plan.network_fee_bps, plan.market_deposit);
    progress("4 jobs", jobs.await?);

    if matches!(plan.mint, MintSource::Created(_)) {
        progress("5 grants", steps::grants::grant_tokens(target, mint, &plan.grants).await?);
    }
    if let Some(market) = &plan.market {
        progress("6 market", steps::market::ensure_market(target, &plan.mint, market).await?);
    }
    if let Some(idls) = &plan.idls {
        progress("7 idls", steps::idls::ensure_idls(target, idls).await?);
    }
    Ok(())
}

/// Returns the address of the deployer's market with this number.
pub fn market_address(deployer: &Address, id: u64) -> Address {
    pda::jobs::market(deployer, id)
}
