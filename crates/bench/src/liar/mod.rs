//! Nodes that cheat, on a network of this machine, and the disputes about their results.
//!
//! Four nodes submit what they did not compute as the definition requires; a fifth works. Each of
//! the five results is disputed on the real programs. The honest node, the panelists and the
//! fisherman are real: they run the worker of `nosana node run`, which cannot lie. The cheating
//! nodes are written here, with the client library.
//!
//! | module | purpose |
//! | --- | --- |
//! | `config`, `behavior` | options and terms; what the nodes do, and how that has to end |
//! | `people`, `nodes` | the wallets, and the real nodes |
//! | `jobs`, `cheater` | the client's part, and a cheating node's |
//! | `forge`, `small_model` | what cheating nodes submit |
//! | `trial`, `results`, `disputes` | the course of the trial |
//! | `poll`, `record` | waiting for accounts, and the events of the program |
//! | `ledger`, `sheet` | the money of each dispute, all balances |
//! | `conclude`, `verify` | what is read in the end, and the checks |
//! | [`report`] | the report as data, as a page and as text |

mod behavior;
mod cheater;
mod conclude;
mod config;
mod disputes;
mod forge;
mod jobs;
mod ledger;
mod nodes;
mod people;
mod poll;
mod record;
pub mod report;
mod results;
pub(crate) mod sheet;
mod small_model;
mod trial;
mod verify;

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use nosana_localnet::World;
use nosana_store::Store;

pub use self::config::LiarConfig;
use self::{
    people::People,
    record::Recorder,
    report::{LiarReport, REPORT_VERSION, Setting},
    sheet::{build_sheet, fetch_balances, list_holders},
    trial::{RealNodes, Trial},
};
use crate::{
    checks::list_failures,
    progress::Progress,
    wait::{Stopwatch, with_timeout},
};

/// Runs the trial, and writes `index.html`, `liar.json` and the content store into the configured
/// folder.
///
/// # Errors
/// If a part fails or takes too long, or if a check fails. In the last case the page is written
/// too, and shows the failed checks.
pub async fn run(config: LiarConfig) -> Result<LiarReport> {
    fs::create_dir_all(&config.out)
        .with_context(|| format!("cannot create the folder {}", config.out.display()))?;
    let progress = Progress::new(config.quiet);

    let part = progress.begin_part("network");
    let starting = World::start(config.world_config(), |step| part.set_step(step.to_owned()));
    let world = with_timeout(config.patience, "starting the local network", starting).await?;
    part.finish(format!("{}, a market that takes verified jobs", world.network.rpc_url()));

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

async fn run_in_world(
    config: &LiarConfig,
    progress: &Progress,
    world: &World,
) -> Result<LiarReport> {
    let folder = config.out.join("store");
    let store = Store::open(&folder)
        .with_context(|| format!("cannot open the store in {}", folder.display()))?;
    let watch = Stopwatch::start();
    let recorder = Recorder::start(world, watch);

    let part = progress.begin_part("people");
    let people = People::gather(world).await?;
    part.finish(format!("{} wallets", people.everybody().count()));
    let trial = Trial { config, world, store: &store, people: &people, watch };

    let part = progress.begin_part("nodes");
    let RealNodes { honest, fisherman, panel, device } = trial.prepare_nodes(&part).await?;
    let (forger, checker) = trial.open_models(&part).await?;
    part.finish(format!("three panelists, a fisherman, an honest node on {device}"));
    let holders = list_holders(world, &people);
    let before = fetch_balances(world, &holders).await?;

    let part = progress.begin_part("results");
    let (mut cases, honest) = results::submit_results(&trial, forger, honest, &part).await?;
    let examinations = disputes::check_results(&trial, &cases, &checker, &part).await?;
    part.finish(format!("{} submitted", cases.len()));

    let part = progress.begin_part("disputes");
    let fisherman =
        disputes::challenge_results(&trial, &cases, &examinations, fisherman, &part).await?;
    let advances = disputes::seat_panels(&trial, &cases, &part).await?;
    let mut nodes = panel;
    nodes.extend([honest, fisherman]);
    disputes::close_disputes(&trial, &mut cases, &nodes, &part).await?;
    part.finish(format!("{} judged and closed", cases.len()));

    let part = progress.begin_part("checks");
    let mut problems = Vec::new();
    for node in nodes {
        problems.extend(node.stop(config.patience).await?);
    }
    let reports = trial.read_cases(&recorder, &cases, examinations).await?;
    let transfers = trial.list_transfers(&reports);
    let burned = reports.iter().map(|case| case.money.burned).collect();
    let sheet = build_sheet(world, &holders, &before, &transfers, burned).await?;
    let checks = trial.check_everything(&reports, &sheet).await?;
    let passed = checks.iter().filter(|check| check.holds).count();
    part.finish(format!("{passed} of {} hold", checks.len()));

    Ok(LiarReport {
        version: REPORT_VERSION,
        unix_ms: unix_ms(),
        setting: Setting::new(config, device),
        cases: reports,
        advances,
        sheet,
        checks,
        problems,
        timings: progress.list_timings(),
        page: config.out.join("index.html"),
    })
}

/// Returns the time of this machine's clock, in milliseconds since 1970.
fn unix_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}
