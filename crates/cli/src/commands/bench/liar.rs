//! `nosana bench liar`: nodes that cheat on a local network, and the disputes about their results.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use nosana_bench::liar::{self, LiarConfig};

use super::report_options::ReportOptions;

/// Configuration of the trial.
#[derive(Debug, Args)]
pub struct LiarOptions {
    /// Milliseconds between two blocks
    #[arg(
        long,
        default_value_t = LiarConfig::default().slot_ms,
        value_parser = clap::value_parser!(u64).range(1..),
    )]
    slot_ms: u64,
    /// Folder for the page, its data and the content store
    #[arg(long, default_value_os_t = LiarConfig::default().out)]
    out: PathBuf,
    #[command(flatten)]
    report: ReportOptions,
}

/// Runs the trial, and prints its report.
pub async fn run_trial(options: LiarOptions) -> Result<()> {
    let config = LiarConfig {
        slot_ms: options.slot_ms,
        out: std::path::absolute(options.out)?,
        programs: options.report.programs_folder(),
        patience: options.report.patience(),
        quiet: options.report.quiet,
    };

    let report = liar::run(config).await?;

    options.report.show_report(&report.render_text(), &report.page);
    Ok(())
}
