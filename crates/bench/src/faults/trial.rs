//! The course of a trial: the first start of the node, the kills, the end of all jobs, the checks.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use nosana_client::{actions, pda};
use nosana_localnet::World;
use nosana_store::Store;
use solana_signer::Signer;
use tokio::time::Instant;

use super::{
    balances, clocks,
    config::{FaultsConfig, SLOTS},
    ending,
    events::EventReceiver,
    facts::JobFacts,
    keeper::{NodeKeeper, NodeLife},
    posting::{JobClient, PostedJob},
    process::NodeLauncher,
    recovery::RecoveryTimes,
    report::{
        FaultsReport, REPORT_VERSION, Setting,
        counts::{JobCounts, JobSummary, NodeFigures, sum_money},
        course::Course,
    },
    verify,
    workload::JobWork,
};
use crate::{
    checks::{Check, Checks},
    liar::sheet::{Sheet, build_sheet, fetch_balances},
    node::{STAKE_PER_SLOT, STAKE_SECONDS},
    progress::Progress,
    wait::Stopwatch,
};

/// Runs a trial on a network that was started for it.
pub async fn run_in_world(
    config: &FaultsConfig,
    progress: &Progress,
    world: &World,
) -> Result<FaultsReport> {
    let folder = config.out.join("store");
    let store = Store::open(&folder)
        .with_context(|| format!("cannot open the store in {}", folder.display()))?;
    let watch = Stopwatch::start();
    let receiver = EventReceiver::subscribe(world, watch);

    let part = progress.begin_part("node");
    part.set_step("starting the node, which measures the device");
    stake_for_node(world).await?;
    let launcher = NodeLauncher::prepare(config, world)?;
    let mut keeper = NodeKeeper::start(&launcher, config, watch)?;
    let node = keeper.await_ready(world, config.patience).await?;
    let work = JobWork::choose(&node);
    part.finish(format!("{SLOTS} slots, for {}", work.describe()));

    let client = JobClient { world, store: &store, work };
    let holders = balances::list_accounts(world);
    let before = fetch_balances(world, &holders).await?;
    let begun_ms = watch.elapsed_ms();
    let (posted, lives) = run_faults(config, progress, client, keeper).await?;

    let part = progress.begin_part("checks");
    part.set_step("reading what the chain recorded");
    let jobs = JobFacts::read_all(&client, &posted).await?;
    let transfers = balances::list_transfers(world, &jobs);
    let burned = balances::list_burned(&jobs);
    let sheet = build_sheet(world, &holders, &before, &transfers, burned).await?;
    let checks = check_everything(world, &jobs, &sheet).await?;
    let passed = checks.iter().filter(|check| check.holds).count();
    part.finish(format!("{passed} of {} hold", checks.len()));

    let events = receiver.list_events();
    let address = pda::jobs::node(&world.node.pubkey());
    Ok(FaultsReport {
        version: REPORT_VERSION,
        unix_ms: read_unix_ms(),
        setting: Setting::new(config, work),
        counts: JobCounts::of_jobs(&jobs),
        node: NodeFigures::of_lives(&lives, &jobs),
        recovery: RecoveryTimes::measure(&lives, &events, &address, config.slot_ms),
        money: sum_money(&jobs),
        course: Course::trace(&jobs, &lives, &events, begun_ms),
        jobs: jobs.iter().map(JobSummary::new).collect(),
        lives,
        sheet,
        checks,
        timings: progress.list_timings(),
        page: config.out.join("index.html"),
    })
}

/// Lists jobs and kills the node for the configured time; then waits for the end of all jobs.
async fn run_faults(
    config: &FaultsConfig,
    progress: &Progress,
    client: JobClient<'_>,
    mut keeper: NodeKeeper<'_>,
) -> Result<(Vec<PostedJob>, Vec<NodeLife>)> {
    let part = progress.begin_part("faults");
    let deadline = Instant::now() + config.duration;
    let mut posted = Vec::new();
    tokio::try_join!(
        client.keep_posting(deadline, &mut posted, &part),
        keeper.kill_until(deadline),
        clocks::keep_cranking(client.world, deadline),
    )?;
    part.finish(format!("{} jobs posted, {} kills", posted.len(), keeper.count_kills()));

    let part = progress.begin_part("rest");
    let lives = ending::end_jobs(&client, &posted, keeper, config.patience, &part).await?;
    part.finish("the node ended, and so did the jobs that could");
    Ok((posted, lives))
}

async fn check_everything(world: &World, jobs: &[JobFacts], sheet: &Sheet) -> Result<Vec<Check>> {
    let mut checks = Checks::default();
    verify::check_jobs(jobs, &mut checks);
    verify::check_money(jobs, &mut checks);
    verify::check_balances(sheet, &mut checks);
    verify::check_accounts(world, jobs, &mut checks).await?;
    Ok(checks.into_vec())
}

/// Stakes for the node's owner: `nosana node run` does not.
async fn stake_for_node(world: &World) -> Result<()> {
    let amount = STAKE_PER_SLOT * u64::from(SLOTS);
    let stake = actions::open_stake(world.node.pubkey(), world.mint, amount, STAKE_SECONDS);
    let sent = world.session.send_transaction(&[stake.into()], &world.node, &[]).await;
    sent.context("cannot stake for the node")?;
    Ok(())
}

/// Returns the time of this machine's clock, in milliseconds since 1970.
fn read_unix_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}
