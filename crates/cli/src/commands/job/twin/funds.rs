//! What the wallets must have before a twin is listed.

use anyhow::Result;
use nosana_client::jobs::accounts::{Dispute, Job};
use nosana_protocol::{dispute::terms::bond_amount, units::Amount};

use crate::commands::{
    context::CliContext,
    funds::{Cost, FEE_LAMPORTS, ensure_funds},
    job::listing::GROWTH_BYTES,
};

/// The bonds of a twin: for a dispute of the job's result, and of the twin's if the panel acquits
/// the job's node.
pub const MAX_BONDS: u64 = 2;
/// Transactions of one twin at most, each with the signatures of two wallets: three listings, two
/// to end it, two acceptances and two disputes.
const MAX_TRANSACTIONS: u64 = 9;

/// Fails unless the wallets can pay for the twin, and for the bonds of disputes: without those the
/// twin's result would be of no use. The deposit of an earlier twin is back, or gone for what its
/// node ran.
pub async fn ensure_twin_funds(ctx: &CliContext, job: &Job, deposit: u64) -> Result<()> {
    let queue = ctx.session.fetch_queue(&job.market).await?;
    let grown: &[usize] = if queue.is_full() { &[GROWTH_BYTES] } else { &[] };
    let twin = [&[Job::SIZE][..], grown].concat();
    let disputes = [Dispute::SIZE; 2];
    let bonds = sum_bonds(job);
    // `FEE_LAMPORTS` are those of three signatures.
    let fees = FEE_LAMPORTS * MAX_TRANSACTIONS * 2 / 3;

    if ctx.payer_address() != ctx.address() {
        ctx.ensure_funds(Cost { fees, ..Cost::new("a twin", deposit, &twin) }).await?;
        let cost = Cost::new("the bonds of two disputes", bonds, &disputes);
        return ensure_funds(&ctx.session, &ctx.mint, &ctx.address(), cost).await;
    }
    let accounts = [&twin[..], &disputes[..]].concat();
    let tokens = deposit.saturating_add(bonds);
    let cost = Cost::new("a twin and the bonds of two disputes", tokens, &accounts);
    ctx.ensure_funds(Cost { fees, ..cost }).await
}

/// Returns the bonds of all disputes, in base units.
fn sum_bonds(job: &Job) -> u64 {
    let bond = bond_amount(Amount(job.panel_fee)).unwrap_or_default().0;
    bond.saturating_mul(MAX_BONDS)
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    #[test]
    fn a_twin_needs_the_bonds_of_two_disputes() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let job = Job { panel_fee: 7, ..Job::from_data(&zeroed).unwrap() };
        assert_eq!(sum_bonds(&job), 2 * 4 * 7);
    }
}
