//! Whether the wallet can pay for what is to be done.

use anyhow::{Result, bail};
use nosana_client::token;

use super::needs::Plan;
use crate::commands::{connection::Open, node::facts::Facts, nos};

/// Bytes of a node's account and of a stake's, as docs/jobs.md and docs/staking.md have them.
const NODE_BYTES: usize = 1_152;
const STAKE_BYTES: usize = 304;
/// Lamports kept for fees: 5,000 a signature, for setup and the first two hundred transactions of
/// the node.
const FEES: u64 = 1_000_000;

/// Lamports that the accounts which are not there yet cost, and some for fees.
///
/// # Errors
/// If the network does not tell its rents.
pub async fn lamports(open: &Open, facts: &Facts, plan: &Plan) -> Result<u64> {
    let missing = [
        (facts.node.is_none(), NODE_BYTES),
        (plan.open, STAKE_BYTES),
        (!facts.can_be_paid, token::ACCOUNT_SIZE),
    ];
    let mut all = FEES;
    for (_, bytes) in missing.iter().filter(|(missing, _)| *missing) {
        all = all.saturating_add(open.session.rent(*bytes).await?);
    }
    Ok(all)
}

/// Fails, and says what is missing, unless the wallet has enough of both.
pub fn check(open: &Open, facts: &Facts, plan: &Plan, lamports: u64) -> Result<()> {
    let mut missing = Vec::new();
    if facts.lamports < lamports {
        let (has, needs) = (sol(facts.lamports), sol(lamports));
        missing.push(format!(
            "it has {has} and needs {needs} for rents and fees: send SOL to it, or on a test network `solana airdrop 1`"
        ));
    }
    let tokens = facts.tokens.unwrap_or(0);
    if tokens < plan.add {
        let (has, needs) = (nos(tokens.into()), nos(plan.add.into()));
        missing.push(format!(
            "it has {has} and needs {needs} to stake: send NOS to it (token {})",
            open.mint
        ));
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "the wallet {} cannot pay for it, so `nosana node setup` did nothing: {}",
        facts.owner,
        missing.join("; ")
    )
}

/// Lamports for people.
pub fn sol(lamports: u64) -> String {
    format!("{}.{:09} SOL", lamports / 1_000_000_000, lamports % 1_000_000_000)
}
