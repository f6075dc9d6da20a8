//! `nosana bench demo`: inference jobs on a local network, from listing to payment.

use std::{io::IsTerminal, path::PathBuf, time::Duration};

use anyhow::Result;
use clap::Args;
use nosana_bench::{
    demo::{self, DemoConfig},
    text,
};

use super::open_page;

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
    /// Folder with the compiled programs; defaults to target/deploy of this checkout
    #[arg(long, env = "SBF_OUT_DIR")]
    programs: Option<PathBuf>,
    /// Seconds to wait for each event, such as the next job
    #[arg(long, default_value_t = DemoConfig::default().patience.as_secs())]
    patience: u64,
    /// Do not open the page in a browser
    #[arg(long)]
    no_open: bool,
    /// Print only the page's path
    #[arg(long)]
    quiet: bool,
}

/// Runs the demo, and prints its report.
pub async fn run_demo(options: DemoOptions) -> Result<()> {
    let defaults = DemoConfig::default();
    let config = DemoConfig {
        jobs: options.jobs.into(),
        slot_ms: options.slot_ms,
        out: std::path::absolute(options.out)?,
        programs: options.programs.unwrap_or(defaults.programs),
        patience: Duration::from_secs(options.patience),
        quiet: options.quiet,
    };

    let report = demo::run(config).await?;

    if !options.quiet {
        println!("{}", text::render_report(&report));
    }
    println!("{}", report.page.display());
    if !options.no_open && std::io::stdout().is_terminal() {
        open_page(&report.page);
    }
    Ok(())
}
