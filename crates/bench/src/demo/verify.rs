//! What the chain and the store say of the jobs afterwards, against what the protocol's rules say.

use anyhow::{Context, Result};
use nosana_client::{
    jobs::accounts::{Job, Node},
    pda,
    staking::accounts::Stake,
    token,
};
use nosana_job_spec::{ContentId, EmbeddingOutput, JobDefinition, JobResult};
use nosana_localnet::World;
use nosana_protocol::{
    job::{Kind, Reason},
    settlement::{self, Terms},
    units::{Amount, BasisPoints, Price, Seconds, UnixTimestamp},
};
use nosana_store::{MAX_JSON_BYTES, Store};
use nosana_worker::WorkerSummary;
use solana_signer::Signer;

use super::{
    market::{Finished, History},
    setting,
};
use crate::{
    books::{Balances, Books, Changes, Holder, Period},
    checks::Checks,
    report::{Money, Rewards},
    stages::Direction,
};

/// Base units by holder, as the chain has them.
pub async fn balances(world: &World) -> Result<Balances> {
    let mut balances = Balances::default();
    for (balance, holder) in balances.iter_mut().zip(Holder::ALL) {
        let account = match holder {
            Holder::Client => world.tokens(&world.client.pubkey()),
            Holder::Node => world.tokens(&world.node.pubkey()),
            Holder::Staker => world.tokens(&world.staker.pubkey()),
            Holder::Deployer => world.tokens(&world.deployer.pubkey()),
            Holder::MarketVault => pda::jobs::vault(&world.market),
            Holder::StakingVault => pda::staking::vault(),
            Holder::RewardsVault => pda::rewards::vault(),
        };
        let read = world.session.token_balance(&account).await;
        *balance =
            read.with_context(|| format!("cannot read the balance of the {}", holder.name()))?;
    }
    Ok(balances)
}

/// Jobs were met in both directions, if there were two, and those that queued were taken in their
/// order.
pub fn matching(jobs: &[Finished], checks: &mut Checks) {
    let of = |direction| {
        jobs.iter().map(|job| &job.report).filter(move |job| job.direction == direction)
    };
    let (queued, matched) = (of(Direction::Queued).count(), of(Direction::Matched).count());
    let detail = format!("{queued} waited for the node, the node waited for {matched}");
    checks.that(
        "Jobs and nodes meet in both directions",
        queued > 0 && (matched > 0 || jobs.len() < 2),
        detail,
    );

    let taken: Vec<_> = of(Direction::Queued).map(|job| (job.number, job.marks.taken)).collect();
    let in_order = taken.is_sorted_by_key(|(_, taken)| *taken);
    let numbers: Vec<_> = taken.iter().map(|(number, _)| number.to_string()).collect();
    checks.that(
        "The queue is first in, first out",
        in_order,
        format!("jobs {}", numbers.join(", ")),
    );
}

/// Definitions and results are those that the chain names, and the results answer the definitions.
pub fn content(jobs: &[Finished], store: &Store, checks: &mut Checks) {
    let problems = jobs.iter().filter_map(|job| {
        let problem = one_content(job, store).err()?;
        Some(format!("job {}: {problem:#}", job.report.number))
    });
    let problems: Vec<String> = problems.collect();
    let otherwise = format!("{} definitions, results and outputs, every hash checked", jobs.len());
    checks.none("Each result on the chain answers its job's definition", &problems, otherwise);
}

fn one_content(job: &Finished, store: &Store) -> Result<()> {
    let id = ContentId::from_digest(job.account.definition);
    anyhow::ensure!(
        id == job.definition,
        "the chain names {id}, not the definition that was listed"
    );
    let definition = JobDefinition::from_json(&store.get(&id, MAX_JSON_BYTES)?)?;
    let result: JobResult = store.get_json(&ContentId::from_digest(job.account.result))?;
    result.validate(&definition)?;
    anyhow::ensure!(result.definition == id, "the result is one of {}", result.definition);
    anyhow::ensure!(result.succeeded(), "an operation failed");
    for operation in &result.ops {
        let output = operation.output.context("an operation has no output")?;
        let output: EmbeddingOutput = store.get_json(&output)?;
        let expected = job.report.inputs.len();
        anyhow::ensure!(
            output.is_well_formed(expected),
            "an output is not {expected} vectors of unit length"
        );
    }
    Ok(())
}

/// Each escrow was split as the protocol's rules say, and all of it was paid out.
pub fn money(jobs: &[Finished], checks: &mut Checks) {
    let problems: Vec<String> = jobs
        .iter()
        .filter_map(|job| {
            let (actual, expected) = (job.report.money, expected(&job.account));
            (Some(actual) != expected)
                .then(|| format!("job {}: {actual:?}, not {expected:?}", job.report.number))
        })
        .collect();
    let paid: u64 = jobs.iter().map(|job| job.report.chain.paid_seconds).sum();
    checks.none(
        "Each escrow is split to the base unit as the rules say",
        &problems,
        format!("{paid} s of work paid"),
    );

    let owed = |job: &Job| {
        job.escrow > 0 || job.node_credit > 0 || job.payer_credit > 0 || job.collateral > 0
    };
    let open: Vec<String> = jobs
        .iter()
        .filter(|job| owed(&job.account) || job.account.reason != Reason::Completed as u8)
        .map(|job| format!("job {}", job.report.number))
        .collect();
    checks.none(
        "Each job completed and owes nobody anything",
        &open,
        format!("{} jobs", jobs.len()),
    );
}

/// What the rules say about a completed job.
pub fn expected(job: &Job) -> Option<Money> {
    let terms = Terms {
        price: Price(job.price_per_second),
        timeout: Seconds(job.timeout_seconds),
        fee: BasisPoints(job.network_fee_bps),
        kind: Kind::from_byte(job.kind)?,
    };
    let escrow = terms.escrow().ok()?;
    let proven = UnixTimestamp(job.submitted_at).since(UnixTimestamp(job.started_at));
    let split =
        settlement::settle(&terms, escrow, Reason::from_byte(job.reason)?, Some(proven)).ok()?;
    let Amount(escrow) = escrow;
    Some(Money { escrow, node: split.node.0, refund: split.client.0, network: split.network.0 })
}

/// The market's queue, the node and its stake are as they should be when everybody has gone home.
pub async fn chain(world: &World, history: &History, checks: &mut Checks) -> Result<()> {
    let jobs = u64::try_from(history.jobs.len())?;
    let (earned, fees) = sums(history);
    let queue = world.session.queue(&world.market).await?;
    checks.equal("The market has counted the network's fees", queue.header.fees_accrued, fees);
    let (listed, open, waiting) =
        (queue.header.jobs_listed, queue.header.open_jobs, queue.waiting.len());
    let detail = format!("{listed} listed, {open} open, {waiting} waiting");
    checks.that(
        "The market has seen all jobs, and nothing is left in it",
        (listed, open, waiting) == (jobs, 0, 0),
        detail,
    );

    let owner = world.node.pubkey();
    let node = world.session.account::<Node>(&pda::jobs::node(&owner)).await?;
    let (done, failed, pay) = (u64::from(node.jobs_completed), node.jobs_failed, node.earned);
    let detail = format!("{done} jobs completed, {failed} failed, {pay} base units earned");
    checks.that(
        "The node's record says what it did",
        (done, failed, pay) == (jobs, 0, earned),
        detail,
    );
    let stake = world.session.account::<Stake>(&pda::staking::stake(&owner)).await?;
    let detail = format!("{} locked, {} slashed of {}", stake.locked, stake.slashed, stake.amount);
    checks.that(
        "The node's collateral is free, and none was slashed",
        (stake.locked, stake.slashed) == (0, 0),
        detail,
    );
    let WorkerSummary { finished, gave_back } = history.summary;
    let detail = format!("{finished} finished, {gave_back} given back");
    checks.that("The worker counts the same", (finished, gave_back) == (jobs, 0), detail);
    Ok(())
}

/// What should have changed in each part of the demo, by the protocol's rules.
pub fn changes(history: &History, rewards: Rewards) -> [(&'static str, Changes); 3] {
    let (earned, fees) = sums(history);
    let staked = Changes::default().moved(Holder::Node, Holder::StakingVault, setting::STAKE);
    let jobs = Changes::default().moved(Holder::Client, Holder::Node, earned).moved(
        Holder::Client,
        Holder::MarketVault,
        fees,
    );
    let payout = Changes::default().moved(Holder::MarketVault, Holder::RewardsVault, fees).moved(
        Holder::RewardsVault,
        Holder::Staker,
        rewards.predicted,
    );
    [("the node stakes", staked), ("jobs are paid", jobs), ("fees reach the staker", payout)]
}

/// The balances at the ends of these parts, beside what should have changed.
pub async fn books(
    world: &World,
    moments: [Balances; 4],
    changes: [(&str, Changes); 3],
) -> Result<Books> {
    let mint = world.session.raw_account(&world.mint).await?.context("the mint is gone")?;
    let supply = token::read_mint(&mint.data)?.supply;
    let periods = moments.windows(2).zip(changes).filter_map(|(ends, (name, expected))| {
        let [before, after] = *ends else { return None };
        Some(Period { name: name.to_owned(), before, after, expected })
    });
    Ok(Books::new(supply, periods.collect()))
}

/// What the rules say that the node earned, and the network.
pub fn sums(history: &History) -> (u64, u64) {
    let expected = history.jobs.iter().filter_map(|job| expected(&job.account));
    expected.fold((0, 0), |(node, network), money| (node + money.node, network + money.network))
}
