//! `nosana bench engine`: the speed of inference, directly, as jobs, in batches, and by another
//! binding.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use nosana_bench::engine::{self, EngineConfig, IN_FLIGHT};

use super::report_options::ReportOptions;

/// Configuration of the comparison.
#[derive(Debug, Args)]
pub struct EngineOptions {
    /// Folder in which npm has installed `node-llama-cpp`; without it, no other binding is measured
    #[arg(long, value_name = "FOLDER", env = "NOSANA_BENCH_PEER")]
    peer: Option<PathBuf>,
    /// Numbers of requests that run at the same time, separated by commas
    #[arg(
        long,
        value_name = "NUMBERS",
        value_delimiter = ',',
        default_values_t = IN_FLIGHT,
        value_parser = clap::value_parser!(u16).range(1..=256),
    )]
    in_flight: Vec<u16>,
    /// Measures only the smallest and the largest batch, and no jobs with sentences
    #[arg(long)]
    quick: bool,
    /// Folder for the page and its data
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    #[command(flatten)]
    report: ReportOptions,
}

/// Measures, and prints the comparisons. Other programs on this machine make every figure worse.
pub async fn compare_engines(options: EngineOptions) -> Result<()> {
    let config = EngineConfig {
        out: std::path::absolute(options.out)?,
        programs: options.report.programs_folder(),
        peer: options.peer.map(std::path::absolute).transpose()?,
        in_flight: options.in_flight,
        is_quick: options.quick,
        patience: options.report.patience(),
        quiet: options.report.quiet,
    };

    let report = engine::run(config).await?;

    options.report.show_report(&report.render_text(), &report.page);
    Ok(())
}
