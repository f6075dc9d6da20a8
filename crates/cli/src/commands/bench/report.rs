//! `nosana bench report`: one page of all benchmarks, beside the committed baseline.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use nosana_bench::summary::{self, SummaryConfig};

use super::open_page;

/// Configuration of the summary.
#[derive(Debug, Args)]
pub struct SummaryOptions {
    /// Folder of the checkout, with `bench/baseline.json` and the folder `target`
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// Print what changed against `bench/baseline.json`, and fail if a figure rose that is the same
    /// in every run: compute units, bytes, rent, sizes
    #[arg(long)]
    compare: bool,
    /// Benchmark to compare, or to write; repeat the option for several, omit it for all
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Write what was measured into `bench/baseline.json`
    #[arg(long)]
    write_baseline: bool,
    /// Open the page in a browser
    #[arg(long)]
    open: bool,
}

/// Writes the page, and prints the most important figures.
pub fn report_benchmarks(options: SummaryOptions) -> Result<()> {
    let config = SummaryConfig {
        root: std::path::absolute(options.root).context("the folder of the checkout")?,
        only: options.only,
        write_baseline: options.write_baseline,
    };
    let summary = summary::run(&config)?;

    println!("{}", summary.render_text());
    if options.compare {
        println!("{}", summary.render_changes());
    }
    println!("{}", summary.page.display());
    if options.open {
        open_page(&summary.page);
    }

    let rises = summary.list_rises();
    if options.compare && !rises.is_empty() {
        bail!(
            "{} deterministic figures rose against bench/baseline.json:\n  {}\n\
             make them cheaper, or say why in the commit and write the baseline: \
             NOSANA_WRITE_BASELINE=1 cargo xtask bench",
            rises.len(),
            rises.join("\n  ")
        );
    }
    Ok(())
}
