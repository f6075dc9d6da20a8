//! `nosana bench connect`: what connections between clients and nodes cost.

use std::{env::current_exe, time::Duration};

use anyhow::{Context, Result};
use clap::Args;
use nosana_bench::connect::{self, ConnectConfig, ConnectSize};

use super::page_options::PageOptions;

/// Configuration of the measurement.
#[derive(Debug, Args)]
pub struct ConnectOptions {
    /// Move 63 MB instead of 963 MB, and leave the endpoint alone for 5 s instead of 20 s
    #[arg(long)]
    quick: bool,
    /// Seconds to wait for each part
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    patience: u64,
    #[command(flatten)]
    page: PageOptions,
}

/// Measures, and prints all tables. A goal that is not met is not an error.
pub async fn measure_connections(options: &ConnectOptions) -> Result<()> {
    let program = current_exe().context("cannot find this program, which holds the endpoint")?;
    let config = ConnectConfig {
        size: if options.quick { ConnectSize::QUICK } else { ConnectSize::FULL },
        program: Some(program),
        out: options.page.out_folder()?,
        patience: Duration::from_secs(options.patience),
        quiet: options.page.quiet,
    };
    let report = connect::run(&config).await?;

    options.page.show_report(&report.render_text(), &report.page);
    Ok(())
}
