//! Whether the wallet can pay for the setup.

use anyhow::{Result, bail};
use nosana_client::token;

use super::plan::StakePlan;
use crate::commands::{
    context::CliContext,
    node::owner_state::OwnerState,
    values::{format_nos, format_sol},
};

/// Size of a node's account, see docs/jobs.md.
const NODE_BYTES: usize = 1_152;
/// Size of a stake's account, see docs/staking.md.
const STAKE_BYTES: usize = 304;
/// Lamports for fees at 5,000 a signature: the setup and the node's first 200 transactions.
const FEE_RESERVE_LAMPORTS: u64 = 1_000_000;

/// Returns the lamports that the setup needs: the rent of missing accounts, and fees.
pub async fn required_lamports(
    ctx: &CliContext,
    state: &OwnerState,
    plan: &StakePlan,
) -> Result<u64> {
    let accounts = [
        (state.node.is_none(), NODE_BYTES),
        (plan.opens_stake, STAKE_BYTES),
        (!state.can_be_paid, token::ACCOUNT_SIZE),
    ];

    let mut lamports = FEE_RESERVE_LAMPORTS;
    for (_, bytes) in accounts.iter().filter(|(is_missing, _)| *is_missing) {
        lamports = lamports.saturating_add(ctx.session.fetch_rent(*bytes).await?);
    }
    Ok(lamports)
}

/// Fails with the missing amounts unless the wallet has enough SOL and NOS.
pub fn check_funds(
    ctx: &CliContext,
    state: &OwnerState,
    plan: &StakePlan,
    lamports: u64,
) -> Result<()> {
    let mut missing = Vec::new();

    if state.lamports < lamports {
        missing.push(format!(
            "it has {} and needs {} for rent and fees; \
             send SOL to it, or on a test network use `solana airdrop 1`",
            format_sol(state.lamports),
            format_sol(lamports)
        ));
    }

    let tokens = state.tokens.unwrap_or(0);
    if tokens < plan.added {
        missing.push(format!(
            "it has {} and needs {} to stake; send NOS to it (token {})",
            format_nos(tokens),
            format_nos(plan.added),
            ctx.mint
        ));
    }

    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "the wallet {} cannot pay for the setup, so `nosana node setup` did nothing: {}",
        state.owner,
        missing.join("; ")
    )
}
