//! What the setup costs the wallet.

use anyhow::Result;
use nosana_client::{jobs::accounts::Node, staking::accounts::Stake, token};

use super::plan::StakePlan;
use crate::commands::{context::CliContext, funds::Cost, node::owner_state::OwnerState};

/// Lamports for fees at 5,000 a signature: the setup and the node's first 200 transactions.
const FEE_RESERVE_LAMPORTS: u64 = 1_000_000;

/// Fails with the missing amounts unless the wallet can pay for the missing accounts, the stake,
/// and fees.
pub async fn check_funds(ctx: &CliContext, state: &OwnerState, plan: &StakePlan) -> Result<()> {
    let accounts: Vec<usize> = [
        (state.node.is_none(), Node::SIZE),
        (plan.opens_stake, Stake::SIZE),
        (!state.can_be_paid, token::ACCOUNT_SIZE),
    ]
    .into_iter()
    .filter(|(is_missing, _)| *is_missing)
    .map(|(_, bytes)| bytes)
    .collect();

    let cost = Cost::new("the setup", plan.added, &accounts);
    ctx.ensure_funds(Cost { fees: FEE_RESERVE_LAMPORTS, ..cost }).await
}
