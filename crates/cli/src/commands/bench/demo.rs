//! `nosana bench demo`: inference jobs on a local network, from listing to payment.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use nosana_bench::{
    demo::{self, DemoConfig},
    text,
};

use super::report_options::ReportOptions;

/// Configuration of the demo.
#[derive(Debug, Args)]
pub struct DemoOptions {
    /// Jobs to list
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=200))]
    jobs: u16,
    /// Milliseconds between two blocks
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..))]
    slot_ms: u64,
    /// Folder for the page, its data and the content store
    #[arg(long, default_value_os_t = DemoConfig::default().out)]
    out: PathBuf,
    #[command(flatten)]
    report: ReportOptions,
}

/// Runs the demo, and prints its report.
pub async fn run_demo(options: DemoOptions) -> Result<()> {
    let config = DemoConfig {
        jobs: options.jobs.into(),
        slot_ms: options.slot_ms,
        out: std::path::absolute(options.out)?,
        programs: options.report.programs_folder(),
        patience: options.report.patience(),
        quiet: options.report.quiet,
    };

    let report = demo::run(config).await?;

    options.report.show_report(&text::render_report(&report), &report.page);
    Ok(())
}
