//! Compares the accounts and the stored results with the protocol's rules.

use anyhow::{Result, ensure};
use nosana_client::{
    jobs::accounts::{Job, Node},
    pda,
    staking::accounts::Stake,
};
use nosana_job_spec::{ContentId, Generation, JobResult};
use nosana_localnet::World;
use nosana_protocol::job::Reason;
use nosana_store::Store;
use nosana_worker::WorkerSummary;
use solana_signer::Signer;

use super::{
    driver::{FinishedJob, History},
    expected::{expected_earnings, expected_money},
    outputs::JobOutputs,
    plan,
};
use crate::{checks::Checks, stages::Direction};

/// Checks that jobs were matched in both directions, if there were at least two, and that queued
/// jobs were taken in order.
pub fn check_matching(jobs: &[FinishedJob], checks: &mut Checks) {
    let in_direction = |direction| {
        jobs.iter().map(|job| &job.report).filter(move |job| job.direction == direction)
    };
    let queued = in_direction(Direction::Queued).count();
    let matched = in_direction(Direction::Matched).count();
    checks.record_claim(
        "Jobs and nodes are matched in both directions",
        queued > 0 && (matched > 0 || jobs.len() < 2),
        format!("{queued} waited for the node, the node waited for {matched}"),
    );

    let taken: Vec<_> =
        in_direction(Direction::Queued).map(|job| (job.number, job.marks.taken)).collect();
    let numbers: Vec<_> = taken.iter().map(|(number, _)| number.to_string()).collect();
    checks.record_claim(
        "The queue is first in, first out",
        taken.is_sorted_by_key(|(_, taken)| *taken),
        format!("jobs {}", numbers.join(", ")),
    );
}

/// Checks that the stored definitions and results are those on chain, and that each result answers
/// its definition. Records the answers.
pub fn check_content(jobs: &mut [FinishedJob], store: &Store, checks: &mut Checks) {
    let mut problems = Vec::new();
    for job in &mut *jobs {
        match verify_content(job, store) {
            Ok(answer) => job.report.answer = Some(answer),
            Err(problem) => problems.push(format!("job {}: {problem:#}", job.report.number)),
        }
    }

    checks.record_no_problems(
        "Each result on chain answers its job's definition",
        &problems,
        format!("{} definitions, results and outputs, every hash checked", jobs.len()),
    );
}

/// Verifies a job's definition and result, and returns its answer.
fn verify_content(job: &FinishedJob, store: &Store) -> Result<Generation> {
    let id = ContentId::from_digest(job.account.definition);
    ensure!(id == job.definition, "the job on chain has the definition {id}, not the listed one");

    let definition = store.get_definition(&id)?;
    let result: JobResult = store.get_json(&ContentId::from_digest(job.account.result))?;
    result.validate(&definition)?;
    ensure!(result.definition == id, "the result is for the definition {}", result.definition);
    ensure!(result.succeeded(), "an operation failed");

    let outputs = JobOutputs::load(&result, store)?;
    let expected = job.report.inputs.len();
    ensure!(
        outputs.embeddings.is_well_formed(expected),
        "an output does not consist of {expected} vectors of unit length"
    );

    let max_tokens = plan::ANSWER_TOKENS;
    ensure!(
        outputs.answers.is_well_formed(1, max_tokens),
        "an output is not one answer of at most {max_tokens} tokens"
    );
    outputs.first_answer()
}

/// Checks that each escrow was split by the protocol's rules, and paid out completely.
pub fn check_money(jobs: &[FinishedJob], checks: &mut Checks) {
    let problems = jobs.iter().filter_map(|job| {
        let actual = job.report.money;
        let expected = expected_money(&job.account);
        (Some(actual) != expected)
            .then(|| format!("job {}: {actual:?}, not {expected:?}", job.report.number))
    });
    let problems: Vec<String> = problems.collect();
    let paid: u64 = jobs.iter().map(|job| job.report.chain.paid_seconds).sum();
    checks.record_no_problems(
        "Each escrow is split to the base unit as the rules require",
        &problems,
        format!("{paid} s of work paid"),
    );

    let owes = |job: &Job| {
        job.escrow > 0 || job.node_credit > 0 || job.payer_credit > 0 || job.collateral > 0
    };
    let open: Vec<String> = jobs
        .iter()
        .filter(|job| owes(&job.account) || job.account.reason != Reason::Completed as u8)
        .map(|job| format!("job {}", job.report.number))
        .collect();
    checks.record_no_problems(
        "Each job is completed and owes nothing",
        &open,
        format!("{} jobs", jobs.len()),
    );
}

/// Checks the market's queue, the node and its stake after all jobs.
pub async fn check_accounts(world: &World, history: &History, checks: &mut Checks) -> Result<()> {
    let jobs = u64::try_from(history.jobs.len())?;
    let (earned, fees) = expected_earnings(history);

    let queue = world.session.fetch_queue(&world.market).await?;
    checks.record_equal(
        "The market has accrued the network's fees",
        queue.header.fees_accrued,
        fees,
    );
    let listed = queue.header.jobs_listed;
    let open = queue.header.open_jobs;
    let waiting = queue.waiting.len();
    checks.record_claim(
        "The market has counted all jobs, and its queue is empty",
        (listed, open, waiting) == (jobs, 0, 0),
        format!("{listed} listed, {open} open, {waiting} waiting"),
    );

    let owner = world.node.pubkey();
    let node = world.session.fetch_account::<Node>(&pda::jobs::node(&owner)).await?;
    let completed = u64::from(node.jobs_completed);
    let failed = node.jobs_failed;
    let pay = node.earned;
    checks.record_claim(
        "The node's account has counted its jobs and its pay",
        (completed, failed, pay) == (jobs, 0, earned),
        format!("{completed} jobs completed, {failed} failed, {pay} base units earned"),
    );

    let stake = world.session.fetch_account::<Stake>(&pda::staking::stake(&owner)).await?;
    checks.record_claim(
        "The node's collateral is unlocked, and none was slashed",
        (stake.locked, stake.slashed) == (0, 0),
        format!("{} locked, {} slashed of {}", stake.locked, stake.slashed, stake.amount),
    );

    let WorkerSummary { finished, gave_back } = history.summary;
    checks.record_claim(
        "The worker has counted its jobs",
        (finished, gave_back) == (jobs, 0),
        format!("{finished} finished, {gave_back} given back"),
    );
    Ok(())
}
