//! `nosana bench engine`: the speed of inference, directly, as jobs, and by another binding.

use std::{io::IsTerminal, path::PathBuf, time::Duration};

use anyhow::Result;
use clap::Args;
use nosana_bench::{
    demo::DemoConfig,
    engine::{self, EngineConfig},
};

use super::open_page;

/// Configuration of the comparison.
#[derive(Debug, Args)]
pub struct EngineOptions {
    /// Folder in which npm has installed `node-llama-cpp`; without it, no other binding is measured
    #[arg(long, value_name = "FOLDER", env = "NOSANA_BENCH_PEER")]
    peer: Option<PathBuf>,
    /// Folder for the page and its data
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    /// Folder with the compiled programs; defaults to target/deploy of this checkout
    #[arg(long, env = "SBF_OUT_DIR")]
    programs: Option<PathBuf>,
    /// Seconds to wait for each job
    #[arg(long, default_value_t = DemoConfig::default().patience.as_secs())]
    patience: u64,
    /// Do not open the page in a browser
    #[arg(long)]
    no_open: bool,
    /// Print only the page's path
    #[arg(long)]
    quiet: bool,
}

/// Measures, and prints the comparisons. Other programs on this machine make every figure worse.
pub async fn compare_engines(options: EngineOptions) -> Result<()> {
    let config = EngineConfig {
        out: std::path::absolute(options.out)?,
        programs: options.programs.unwrap_or(DemoConfig::default().programs),
        peer: options.peer.map(std::path::absolute).transpose()?,
        patience: Duration::from_secs(options.patience),
        quiet: options.quiet,
    };

    let report = engine::run(config).await?;

    if !options.quiet {
        println!("{}", report.render_text());
    }
    println!("{}", report.page.display());
    if !options.no_open && std::io::stdout().is_terminal() {
        open_page(&report.page);
    }
    Ok(())
}
