//! `nosana bench scale`: how many nodes and jobs markets and the chain have room for.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail, ensure};
use clap::Args;
use nosana_bench::scale::{self, ScaleConfig, measured::read_run};
use nosana_protocol::slot::NODE_SLOTS;
use nosana_scale::{
    comparison::{Comparison, MAX_DIFFERENCE},
    scenario::Churn,
    service::ServiceTimes,
    sweep::{MAX_NODES, SweepConfig},
};

use super::page_options::PageOptions;

/// The most numbers of markets: drawings have a color for each.
const MAX_MARKET_COUNTS: usize = 5;

/// Configuration of the simulation.
#[derive(Debug, Args)]
pub struct ScaleOptions {
    /// Simulate fewer jobs: waiting times are rough
    #[arg(long)]
    quick: bool,
    /// Numbers of nodes, in all markets together; defaults to 10,100,1000,10000,100000
    #[arg(
        long,
        value_name = "NODES,…",
        value_delimiter = ',',
        value_parser = clap::value_parser!(u32).range(1..=MAX_NODES as i64),
    )]
    nodes: Vec<u32>,
    /// Numbers of markets, at most five; defaults to 1,4,16
    #[arg(
        long,
        value_name = "MARKETS,…",
        value_delimiter = ',',
        value_parser = clap::value_parser!(u32).range(1..=1_000),
    )]
    markets: Vec<u32>,
    /// Jobs that a node runs at a time
    #[arg(
        long,
        default_value_t = 1,
        value_parser = clap::value_parser!(u8).range(1..=i64::from(NODE_SLOTS)),
    )]
    slots: u8,
    /// Mean time from the start of a node to its failure, in seconds; 0 if nodes do not fail.
    /// Defaults to a day
    #[arg(long, value_name = "SECONDS")]
    mean_life: Option<u32>,
    /// `demo.json` of `nosana bench demo`: jobs run as long as its jobs did; defaults to 30 seconds
    /// on average
    #[arg(long, value_name = "FILE")]
    measured: Option<PathBuf>,
    /// Seed of all random numbers: the same seed gives the same report
    #[arg(long, default_value_t = SweepConfig::full().seed)]
    seed: u64,
    /// `demo.json` of `nosana bench demo`: simulate that run alone, and fail if its time or its
    /// waits differ
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = [
            "quick", "nodes", "markets", "slots", "mean_life", "measured", "seed", "out", "open",
            "quiet",
        ],
    )]
    against: Option<PathBuf>,
    /// `demo.json` of `nosana bench demo`: show that run beside the same run in the model, too
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    demo: Option<PathBuf>,
    #[command(flatten)]
    page: PageOptions,
}

/// Simulates, and prints all tables.
pub fn simulate_markets(options: &ScaleOptions) -> Result<()> {
    if let Some(path) = &options.against {
        return compare_demo(path);
    }
    let config = ScaleConfig {
        sweep: options.build_sweep()?,
        comparison: options.demo.as_deref().and_then(find_comparison),
        out: options.page.out_folder()?,
        quiet: options.page.quiet,
    };
    let report = scale::run(&config)?;

    options.page.show_report(&report.render_text(), &report.page);
    Ok(())
}

/// Simulates a run of the demo again, and fails if the model is not close to it.
fn compare_demo(path: &Path) -> Result<()> {
    let comparison = scale::compare_run(path)?;
    println!("{}", scale::render_comparison(&comparison));

    let far = comparison.list_far();
    if !far.is_empty() {
        bail!(
            "the model and the run are more than {:.0} % apart: {}; a run with other work on its \
             machine is not a valid measure",
            MAX_DIFFERENCE * 100.0,
            far.join(", ")
        );
    }
    Ok(())
}

/// Simulates a run of the demo again. One that cannot be read is only named: the simulation of the
/// markets does not depend on it.
fn find_comparison(path: &Path) -> Option<Comparison> {
    match scale::compare_run(path) {
        Ok(comparison) => Some(comparison),
        Err(error) => {
            eprintln!("the model is not compared with a run of the demo: {error:#}");
            None
        }
    }
}

impl ScaleOptions {
    fn build_sweep(&self) -> Result<SweepConfig> {
        let mut sweep = if self.quick { SweepConfig::quick() } else { SweepConfig::full() };
        sweep.seed = self.seed;
        sweep.slots_per_node = self.slots.into();
        if !self.nodes.is_empty() {
            sweep.nodes = to_sizes(&self.nodes);
        }
        if !self.markets.is_empty() {
            sweep.markets = to_sizes(&self.markets);
        }
        ensure!(
            sweep.markets.len() <= MAX_MARKET_COUNTS,
            "`{}` numbers of markets are too many to draw; give at most {MAX_MARKET_COUNTS}",
            sweep.markets.len()
        );

        if let Some(seconds) = self.mean_life {
            let change = |churn: Churn| Churn { mean_life_seconds: seconds.into(), ..churn };
            sweep.churn = sweep.churn.filter(|_| seconds > 0).map(change);
        }
        if let Some(path) = &self.measured {
            let run = read_run(path)?;
            sweep.service = ServiceTimes::Measured(run.list_runs());
            sweep.reaction_seconds = run.find_reaction();
        }
        Ok(sweep)
    }
}

/// Returns each number once, in order.
fn to_sizes(numbers: &[u32]) -> Vec<usize> {
    let sizes: BTreeSet<usize> = numbers.iter().map(|number| *number as usize).collect();
    sizes.into_iter().collect()
}
