//! A node that is killed at random moments, and what that costs: a market on this machine, a client
//! that keeps jobs open, and `nosana node run` in a process that gets SIGKILL again and again.
//!
//! Everything that is counted is read from the chain afterwards: accounts, the events of the
//! transactions that name a job, balances, stored results.
//!
//! | module | purpose |
//! | --- | --- |
//! | `config` | options of a trial, terms of its market |
//! | `lifetimes` | how long each process lives |
//! | `process`, `keeper` | starts the node; kills it and starts it again |
//! | `workload` | what the jobs run |
//! | `posting` | the client: lists and cancels jobs |
//! | `clocks`, `ending` | ends runs whose clocks have run out; the end of all jobs |
//! | `events` | when things happened |
//! | `record`, `facts` | what the chain recorded about each job, and what became of it |
//! | `recovery` | the time from a restart to the next work |
//! | `balances`, `verify` | the transfers that explain the balances; the checks |
//! | `trial` | the course of a trial |
//! | [`report`] | the report as data, as a page and as text |

mod balances;
mod clocks;
mod config;
mod ending;
mod events;
mod facts;
mod keeper;
mod lifetimes;
mod posting;
mod process;
mod record;
pub(crate) mod recovery;
pub mod report;
mod trial;
mod verify;
mod workload;

use std::fs;

use anyhow::{Context, Result, bail};
use nosana_localnet::World;

pub use self::config::FaultsConfig;
use self::{report::FaultsReport, trial::run_in_world};
use crate::{checks::list_failures, progress::Progress, wait::with_timeout};

/// Runs a trial, and writes `index.html`, `faults.json`, the content store and the node's log into
/// the configured folder.
///
/// # Errors
/// If a part fails or takes too long, or if a check fails. In the last case the page is written
/// too, and shows the failed checks.
pub async fn run(config: FaultsConfig) -> Result<FaultsReport> {
    config.check_times()?;
    fs::create_dir_all(&config.out)
        .with_context(|| format!("cannot create the folder {}", config.out.display()))?;
    let progress = Progress::new(config.quiet);

    let part = progress.begin_part("network");
    let starting = World::start(config.world_config(), |step| part.set_step(step.to_owned()));
    let world = with_timeout(config.patience, "starting the local network", starting).await?;
    part.finish(format!("{}, three programs, a market", world.network.rpc_url()));

    let report = run_in_world(&config, &progress, &world).await;

    // Writes the page even if the network does not stop.
    let stopped = with_timeout(config.patience, "stopping the local network", world.stop()).await;
    let report = report?;
    report.write_to(&config.out)?;
    stopped?;
    match list_failures(&report.checks) {
        Some(failures) => bail!(
            "checks of the trial failed; {} shows the whole report:\n{failures}",
            report.page.display()
        ),
        None => Ok(report),
    }
}
