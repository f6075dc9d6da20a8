//! A market on this machine, from its first block to the stakers' share of its fees.
//!
//! | module | what for |
//! | --- | --- |
//! | [`plan`] | which jobs are listed when, and what they say |
//! | `client` | lists jobs and follows them |
//! | [`record`] | what the worker told, sorted by job |
//! | `market` | the jobs, from the first to the last |
//! | `verify` | what the chain and the store say of it afterwards |
//! | `payout` | the fees' way to the stakers |
//! | `recompute` | a result without the marketplace |

mod client;
mod config;
mod market;
mod payout;
pub mod plan;
mod recompute;
pub mod record;
mod setting;
mod verify;
mod wait;

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use nosana_localnet::World;
use nosana_store::Store;

use crate::{
    checks::Checks,
    compute, page,
    progress::Progress,
    report::{DemoReport, REPORT_VERSION},
};

pub use config::DemoConfig;

/// Runs a demo, and leaves `index.html`, `demo.json` and the content store in the configured
/// folder.
///
/// # Errors
/// If a part fails or takes too long, and if anything does not add up: then the page, which is
/// written nevertheless, shows what.
pub async fn run(config: DemoConfig) -> Result<DemoReport> {
    config.check()?;
    fs::create_dir_all(&config.out)
        .with_context(|| format!("cannot make the folder {}", config.out.display()))?;
    let progress = Progress::new(config.quiet);

    let part = progress.part("network");
    let starting = World::start(config.world(), |step| part.say(step.to_owned()));
    let world = wait::within(config.patience, "starting the local network", starting).await?;
    part.done(format!("{}, three programs, a market, a staker", world.network.rpc_url()));

    let report = in_world(&config, &progress, &world).await;
    // A network that does not end is no reason to hide what was found out in it.
    let stopped = wait::within(config.patience, "stopping the local network", world.stop()).await;
    let report = report?;
    page::write(&report, &config.out)?;
    stopped?;
    verdict(report)
}

/// The report, if everything in it adds up.
fn verdict(report: DemoReport) -> Result<DemoReport> {
    match report.failures() {
        Some(failures) => bail!(
            "the demo does not add up ({} shows all of it):\n{failures}",
            report.page.display()
        ),
        None => Ok(report),
    }
}

async fn in_world(config: &DemoConfig, progress: &Progress, world: &World) -> Result<DemoReport> {
    let folder = config.out.join("store");
    let store = Store::open(&folder)
        .with_context(|| format!("cannot open the store in {}", folder.display()))?;
    let start = verify::balances(world).await?;

    let (worker, setting) = setting::prepare(config, progress, world, &store).await?;
    let staked = verify::balances(world).await?;
    let history = market::run(config, progress, world, &store, worker).await?;

    let part = progress.part("checks");
    let mut checks = Checks::default();
    part.say("the jobs' results and money");
    verify::matching(&history.jobs, &mut checks);
    verify::content(&history.jobs, &store, &mut checks);
    verify::money(&history.jobs, &mut checks);
    verify::chain(world, &history, &mut checks).await?;
    let settled = verify::balances(world).await?;
    part.say("the fees' way to the stakers");
    let (rewards, swept_and_claimed) = payout::run(world, &history, &mut checks).await?;
    let end = verify::balances(world).await?;
    let changes = verify::changes(&history, rewards);
    let books = verify::books(world, [start, staked, settled, end], changes).await?;
    checks.none(
        "Every balance is what it should be, and together they are the supply",
        &books.problems(),
        format!("{} accounts at {} moments", books.holders.len(), books.periods.len() + 1),
    );
    part.say("one job without the marketplace");
    let recomputed = recompute::run(config, &history.jobs, &store, &mut checks).await?;
    let checks = checks.into_vec();
    part.done(format!(
        "{} of {} hold",
        checks.iter().filter(|check| check.holds).count(),
        checks.len()
    ));

    let jobs: Vec<_> = history.jobs.into_iter().map(|job| job.report).collect();
    let other_transactions: Vec<_> =
        history.other_transactions.into_iter().chain(swept_and_claimed).collect();
    let of_jobs = jobs.iter().flat_map(|job| &job.transactions);
    let compute = compute::rows(of_jobs.chain(&other_transactions));
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(DemoReport {
        version: REPORT_VERSION,
        unix_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        setting,
        compute,
        jobs,
        other_transactions,
        books,
        rewards,
        recomputed,
        checks,
        problems: history.problems,
        timings: progress.timings(),
        page: config.out.join("index.html"),
    })
}

#[cfg(test)]
mod tests {
    use super::verdict;
    use crate::{checks::Check, report::sample};

    #[test]
    fn what_does_not_add_up_is_an_error() {
        assert!(verdict(sample::report()).is_ok());
        let mut report = sample::report();
        report.checks.push(Check {
            claim: "one is two".to_owned(),
            holds: false,
            detail: "1, not 2".to_owned(),
        });
        let error = verdict(report).unwrap_err().to_string();
        assert!(error.contains("- one is two: 1, not 2"), "{error}");
    }
}
