//! The checks of a trial. No time fails them.

use anyhow::Result;
use nosana_client::{jobs::accounts::Node, pda, staking::accounts::Stake};
use nosana_localnet::World;
use solana_signer::Signer;

use super::facts::{JobEnd, JobFacts};
use crate::{
    checks::Checks,
    demo::expected::expected_money,
    format::{format_nos, format_thousands},
    liar::sheet::Sheet,
    report::job::Money,
};

/// Checks that each job ended, was paid at most once, and has the right result.
pub fn check_jobs(jobs: &[JobFacts], checks: &mut Checks) {
    let count = format!("{} jobs", jobs.len());
    let lost = name_jobs(jobs, |job| job.end() == JobEnd::Lost);
    checks.record_no_problems("No job is lost: each is settled", &lost, count.clone());

    let several = name_jobs(jobs, |job| job.record.settlements.len() > 1);
    checks.record_no_problems("No job is paid twice", &several, count.clone());
    let unrecorded =
        name_jobs(jobs, |job| job.end() != JobEnd::Lost && job.record.settlements.is_empty());
    checks.record_no_problems("The chain has the settlement of each job", &unrecorded, count);

    let faulty = jobs.iter().filter_map(|job| {
        let fault = job.fault.as_ref()?;
        Some(format!("job {}: {fault}", job.posted.number))
    });
    let completed = jobs.iter().filter(|job| job.end() == JobEnd::Completed).count();
    checks.record_no_problems(
        "Each result on chain is stored, and answers its job’s definition",
        &faulty.collect::<Vec<String>>(),
        format!("{completed} results, every hash checked"),
    );
}

/// Checks that each deposit is split to the base unit, and as the rules require.
pub fn check_money(jobs: &[JobFacts], checks: &mut Checks) {
    let unbalanced = name_jobs(jobs, |job| {
        let Money { escrow, node, refund, network } = job.money();
        let paid = u128::from(node) + u128::from(refund) + u128::from(network);
        job.end() != JobEnd::Lost && paid != u128::from(escrow)
    });
    let total: u64 = jobs.iter().map(|job| job.record.escrow).sum();
    checks.record_no_problems(
        "Each deposit is paid as pay, refund and fee, to the base unit",
        &unbalanced,
        format!("{} base units", format_thousands(total)),
    );

    let wrong = jobs.iter().filter(|job| job.end() == JobEnd::Completed).filter_map(|job| {
        let paid = job.money();
        let expected = expected_money(&job.account);
        (Some(paid) != expected)
            .then(|| format!("job {}: {paid:?}, not {expected:?}", job.posted.number))
    });
    checks.record_no_problems(
        "Each result is paid as the rules require",
        &wrong.collect::<Vec<String>>(),
        "by the time from start to result",
    );

    let owing = name_jobs(jobs, |job| job.account.node_credit > 0 || job.account.payer_credit > 0);
    checks.record_no_problems("No job owes anything", &owing, "no credits");
}

/// Checks the balances of everybody.
pub fn check_balances(sheet: &Sheet, checks: &mut Checks) {
    checks.record_no_problems(
        "Every balance is explained by these payments, and together they are the supply",
        &sheet.find_problems(),
        format!("{} accounts, {} NOS", sheet.rows.len(), format_nos(sheet.supply)),
    );
}

/// Checks what market, node and stake have counted.
pub async fn check_accounts(world: &World, jobs: &[JobFacts], checks: &mut Checks) -> Result<()> {
    let count = |end: JobEnd| jobs.iter().filter(|job| job.end() == end).count();
    let fees: u64 = jobs.iter().map(|job| job.money().network).sum();
    let header = world.session.fetch_queue(&world.market).await?.header;
    let found = (header.jobs_listed, header.open_jobs, header.fees_accrued, header.credits_owed);
    let posted = u64::try_from(jobs.len())?;
    checks.record_equal(
        "The market has counted the jobs and the fees, and owes nothing: listed, open, fees, owed",
        found,
        (posted, u64::try_from(count(JobEnd::Lost))?, fees, 0),
    );

    let owner = world.node.pubkey();
    let node = world.session.fetch_account::<Node>(&pda::jobs::node(&owner)).await?;
    let paid: u64 = jobs.iter().map(|job| job.money().node).sum();
    let completed = u64::try_from(count(JobEnd::Completed))?;
    checks.record_equal(
        "The node’s account has counted its results and its pay",
        (u64::from(node.jobs_completed), node.earned),
        (completed, paid),
    );

    let stake = world.session.fetch_account::<Stake>(&pda::staking::stake(&owner)).await?;
    let penalties: u64 = jobs.iter().map(|job| job.record.sum_penalties()).sum();
    checks.record_equal("The stake has lost the penalties, and no more", stake.slashed, penalties);

    let in_slots: u64 = node.slots.iter().map(|slot| slot.collateral).sum();
    let in_results: u64 = jobs.iter().map(|job| job.account.collateral).sum();
    checks.record_equal(
        "What is locked in the stake is what slots and results use, and what is idle",
        stake.locked,
        in_slots + in_results + node.idle_collateral,
    );
    Ok(())
}

fn name_jobs(jobs: &[JobFacts], is_meant: impl Fn(&JobFacts) -> bool) -> Vec<String> {
    let meant = jobs.iter().filter(|job| is_meant(job));
    meant.map(|job| format!("job {}", job.posted.number)).collect()
}
