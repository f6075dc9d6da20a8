//! `nosana bench report`: one page of all benchmarks, beside the committed baseline.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use nosana_bench::summary::{self, SummaryConfig};

use super::open_page;

/// Configuration of the summary.
#[derive(Debug, Args)]
pub struct SummaryOptions {
    /// Folder of the checkout, with `bench/baseline.json` and the folder `target`
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// Print what changed against `bench/baseline.json`, and fail if a figure that is the same in
    /// every run rose, is new or was not measured: compute units, block units, bytes, rent, sizes
    #[arg(long, conflicts_with = "write_baseline")]
    compare: bool,
    /// Benchmark to compare, or to write; repeat the option for several, omit it for all
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Write what was measured into `bench/baseline.json`
    #[arg(long)]
    write_baseline: bool,
    /// Write what a full run on an idle machine measured into `bench/measured.json`, and the
    /// tables of the README and of docs/network.md
    #[arg(long, conflicts_with_all = ["only", "without_timings", "write_baseline"])]
    record: bool,
    /// Write the tables of the README and of docs/network.md from `bench/baseline.json` and
    /// `bench/measured.json`
    #[arg(long)]
    readme: bool,
    /// Neither compare nor write timings, such as those of a quick run
    #[arg(long)]
    without_timings: bool,
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
        record: options.record,
        write_readme: options.readme,
        without_timings: options.without_timings,
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

    if options.compare {
        summary.check_comparison()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        options: SummaryOptions,
    }

    fn parse_options(arguments: &[&str]) -> Result<SummaryOptions, clap::Error> {
        let words = ["report"].iter().chain(arguments);
        Command::try_parse_from(words).map(|command| command.options)
    }

    #[test]
    fn a_record_is_of_a_full_run_beside_a_baseline_that_stays() {
        assert!(parse_options(&["--record", "--readme"]).unwrap().record);
        for other in ["--write-baseline", "--without-timings", "--only=costs"] {
            assert!(parse_options(&[other]).is_ok(), "{other}");
            assert!(parse_options(&["--record", other]).is_err(), "{other}");
        }
    }
}
