//! `nosana bench faults`: a node that is killed at random moments, and what that costs.

use std::{env::current_exe, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use clap::Args;
use nosana_bench::faults::{self, FaultsConfig};

use super::report_options::ReportOptions;

/// Configuration of the trial.
#[derive(Debug, Args)]
pub struct FaultsOptions {
    /// Seconds in which the node is killed and started again
    #[arg(
        long,
        default_value_t = FaultsConfig::default().duration.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=86_400),
    )]
    seconds: u64,
    /// Seed of the kills: the same seed gives the same lives of the node
    #[arg(long, default_value_t = FaultsConfig::default().seed)]
    seed: u64,
    /// Mean time between a start of the node and its kill, in seconds
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = FaultsConfig::default().mean_life.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=86_400),
    )]
    mean_life: u64,
    /// Milliseconds between two blocks
    #[arg(
        long,
        default_value_t = FaultsConfig::default().slot_ms,
        value_parser = clap::value_parser!(u64).range(1..),
    )]
    slot_ms: u64,
    /// Folder for the page, its data, the content store and the node's log
    #[arg(long, default_value_os_t = FaultsConfig::default().out)]
    out: PathBuf,
    #[command(flatten)]
    report: ReportOptions,
}

/// Runs the trial, and prints its report. The node is this program in a process of its own.
pub async fn run_faults(options: FaultsOptions) -> Result<()> {
    let config = FaultsConfig {
        binary: current_exe().context("cannot find this program, which the node runs")?,
        duration: Duration::from_secs(options.seconds),
        seed: options.seed,
        mean_life: Duration::from_secs(options.mean_life),
        slot_ms: options.slot_ms,
        out: std::path::absolute(options.out)?,
        programs: options.report.programs_folder(),
        patience: options.report.patience(),
        quiet: options.report.quiet,
    };

    let report = faults::run(config).await?;

    options.report.show_report(&report.render_text(), &report.page);
    Ok(())
}
