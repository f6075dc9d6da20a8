//! A market on this machine, from its first block to the stakers' share of its fees.
//!
//! | module | purpose |
//! | --- | --- |
//! | `config` | options of a demo |
//! | [`plan`] | which jobs are listed when, and their texts |
//! | `node` | prepares the node |
//! | `driver` | runs the jobs |
//! | `list_jobs` | the client: lists jobs, waits for their settlement |
//! | [`worker_record`] | the worker's events, by job |
//! | `payout` | pays the fees to the stakers |
//! | `verify` | compares accounts and results with the protocol's rules |
//! | `expected`, `balances` | expected changes of balances, and the balances |
//! | `outputs` | the outputs of a job |
//! | `recompute` | computes a result again without the market |

mod balances;
mod config;
mod driver;
pub(crate) mod expected;
mod list_jobs;
mod node;
mod outputs;
mod payout;
pub mod plan;
mod recompute;
mod verify;
pub mod worker_record;

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use nosana_localnet::World;
use nosana_store::Store;

pub use self::config::DemoConfig;
use self::driver::History;
use crate::{
    balances::{BalanceSheet, Balances},
    checks::{Check, Checks},
    compute, html,
    progress::Progress,
    report::{DemoReport, REPORT_VERSION, Recomputed, Rewards, transaction::Transaction},
    wait,
};

/// Runs a demo, and writes `index.html`, `demo.json` and the content store into the configured
/// folder.
///
/// # Errors
/// If a part fails or takes too long, or if a check fails. In the last case the page is written
/// too, and shows the failed checks.
pub async fn run(config: DemoConfig) -> Result<DemoReport> {
    config.check_jobs()?;
    fs::create_dir_all(&config.out)
        .with_context(|| format!("cannot create the folder {}", config.out.display()))?;
    let progress = Progress::new(config.quiet);

    let part = progress.begin_part("network");
    let starting = World::start(config.world_config(), |step| part.set_step(step.to_owned()));
    let world = wait::with_timeout(config.patience, "starting the local network", starting).await?;
    part.finish(format!("{}, three programs, a market, a staker", world.network.rpc_url()));

    let report = run_in_world(&config, &progress, &world).await;

    // Writes the page even if the network does not stop.
    let stopped =
        wait::with_timeout(config.patience, "stopping the local network", world.stop()).await;
    let report = report?;
    html::write_report(&report, &config.out)?;
    stopped?;
    require_success(report)
}

/// Returns the report, or an error if a check failed.
fn require_success(report: DemoReport) -> Result<DemoReport> {
    match report.list_failures() {
        Some(failures) => bail!(
            "checks of the demo failed; {} shows the whole report:\n{failures}",
            report.page.display()
        ),
        None => Ok(report),
    }
}

async fn run_in_world(
    config: &DemoConfig,
    progress: &Progress,
    world: &World,
) -> Result<DemoReport> {
    let folder = config.out.join("store");
    let store = Store::open(&folder)
        .with_context(|| format!("cannot open the store in {}", folder.display()))?;
    let start = balances::fetch_balances(world).await?;

    let (worker, setting) = node::prepare_node(config, progress, world, &store).await?;
    let staked = balances::fetch_balances(world).await?;
    let mut history = driver::run_jobs(config, progress, world, &store, worker).await?;
    let outcome =
        check_history(config, progress, world, &store, &mut history, [start, staked]).await?;

    let jobs: Vec<_> = history.jobs.into_iter().map(|job| job.report).collect();
    let other_transactions: Vec<_> =
        history.other_transactions.into_iter().chain(outcome.payout).collect();
    let of_jobs = jobs.iter().flat_map(|job| &job.transactions);
    let compute = compute::group_by_instruction(of_jobs.chain(&other_transactions));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(DemoReport {
        version: REPORT_VERSION,
        unix_ms: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
        setting,
        compute,
        jobs,
        other_transactions,
        balances: outcome.balances,
        rewards: outcome.rewards,
        recomputed: outcome.recomputed,
        checks: outcome.checks,
        problems: history.problems,
        timings: progress.list_timings(),
        page: config.out.join("index.html"),
    })
}

/// The outcome of the checks, and of the payout that they include.
struct CheckOutcome {
    checks: Vec<Check>,
    balances: BalanceSheet,
    rewards: Rewards,
    /// The transactions of the payout.
    payout: Vec<Transaction>,
    recomputed: Recomputed,
}

/// Checks the jobs, pays the fees to the stakers, checks every balance, and computes one job again.
/// `before` are the balances at the start and after the node staked.
async fn check_history(
    config: &DemoConfig,
    progress: &Progress,
    world: &World,
    store: &Store,
    history: &mut History,
    before: [Balances; 2],
) -> Result<CheckOutcome> {
    let part = progress.begin_part("checks");
    let mut checks = Checks::default();
    part.set_step("checking the jobs' results and money");
    verify::check_matching(&history.jobs, &mut checks);
    verify::check_content(&mut history.jobs, store, &mut checks);
    verify::check_money(&history.jobs, &mut checks);
    verify::check_accounts(world, history, &mut checks).await?;
    let settled = balances::fetch_balances(world).await?;

    part.set_step("paying the fees to the stakers");
    let (rewards, payout) = payout::pay_stakers(world, history, &mut checks).await?;
    let end = balances::fetch_balances(world).await?;

    let [start, staked] = before;
    let changes = expected::expected_changes(history, rewards);
    let balances =
        balances::build_balance_sheet(world, [start, staked, settled, end], changes).await?;
    checks.record_no_problems(
        "Every balance is as expected, and together they are the supply",
        &balances.find_problems(),
        format!("{} accounts at {} times", balances.holders.len(), balances.periods.len() + 1),
    );

    part.set_step("computing one job without the market");
    let recomputed =
        recompute::recompute_largest_job(config, &history.jobs, store, &mut checks).await?;

    let checks = checks.into_vec();
    let passed = checks.iter().filter(|check| check.holds).count();
    part.finish(format!("{passed} of {} hold", checks.len()));
    Ok(CheckOutcome { checks, balances, rewards, payout, recomputed })
}

#[cfg(test)]
mod tests {
    use super::require_success;
    use crate::{checks::Check, report::sample::sample_report};

    #[test]
    fn a_failed_check_is_an_error() {
        assert!(require_success(sample_report()).is_ok());

        let mut report = sample_report();
        report.checks.push(Check {
            claim: "one is two".to_owned(),
            holds: false,
            detail: "1, not 2".to_owned(),
        });
        let error = require_success(report).unwrap_err().to_string();
        assert!(error.contains("- one is two: 1, not 2"), "{error}");
    }
}
