//! `nosana bench simulate`: which strategies pay in disputes.

use anyhow::{Result, bail};
use clap::Args;
use nosana_bench::simulate::{self, SimulateConfig};
use nosana_simulation::{config::SimulationConfig, report::Failure};

use super::page_options::PageOptions;
use crate::commands::job::check_rate::CheckRate;

/// Configuration of the simulation.
#[derive(Debug, Args)]
pub struct SimulateOptions {
    /// Draw fewer panels: a few seconds instead of a minute
    #[arg(long)]
    quick: bool,
    /// Panels to draw for each share of the weight; defaults to 300000, or 20000 with --quick
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    draws: Option<u32>,
    /// Seed of all random numbers: the same seed gives the same report
    #[arg(long, default_value_t = SimulationConfig::FULL.seed)]
    seed: u64,
    /// Share of the results that clients check, from 0 to 1, or `auto`, as in `nosana job post`
    #[arg(long, value_name = "RATE", default_value = "auto")]
    check: CheckRate,
    /// Fail only on strategies that pay where docs/verification.md does not say that they can
    #[arg(long)]
    known_limits: bool,
    #[command(flatten)]
    page: PageOptions,
}

/// Simulates, prints all tables, and fails if a strategy pays.
pub fn simulate_disputes(options: &SimulateOptions) -> Result<()> {
    let config = SimulateConfig {
        simulation: options.choose_size(),
        out: options.page.out_folder()?,
        quiet: options.page.quiet,
    };
    let report = simulate::run(&config)?;

    options.page.show_report(&report.render_text(), &report.page);
    options.judge_failures(&report.failures)
}

impl SimulateOptions {
    fn choose_size(&self) -> SimulationConfig {
        let size = if self.quick { SimulationConfig::QUICK } else { SimulationConfig::FULL };
        let check_rate = match self.check {
            CheckRate::Auto => None,
            CheckRate::Share(share) => Some(share),
        };
        let draws = self.draws.unwrap_or(size.draws);
        SimulationConfig { draws, seed: self.seed, check_rate, ..size }
    }

    /// Fails if a strategy pays.
    fn judge_failures(&self, failures: &[Failure]) -> Result<()> {
        let counted = failures.iter().filter(|failure| !(self.known_limits && failure.is_known));
        let lines: Vec<String> = counted.map(describe_failure).collect();
        if lines.is_empty() {
            return Ok(());
        }
        bail!(
            "{} strategies pay within the bounds that the programs enforce:\n{}\n\
             docs/verification.md describes those marked as known; --known-limits does not fail \
             for them",
            lines.len(),
            lines.join("\n")
        )
    }
}

fn describe_failure(failure: &Failure) -> String {
    let mark = if failure.is_known { " (known)" } else { "" };
    format!("  {}{mark}: {}", failure.strategy, failure.detail)
}
