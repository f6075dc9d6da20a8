//! `nosana job wait`: follow one job.

use anyhow::Result;
use clap::Args;
use solana_address::Address;

use super::{command_logs::LogOptions, follow::follow_job};
use crate::commands::{connection::ConnectionOptions, values::parse_address};

/// One job, and how its logs are printed.
#[derive(Debug, Args)]
pub struct WaitOptions {
    /// Address of the job
    #[arg(value_parser = parse_address)]
    job: Address,
    /// Print logs byte by byte, with sequences that may control your terminal
    #[arg(long)]
    raw: bool,
    /// Do not accept the result: keep its challenge window to inspect and perhaps reject it
    #[arg(long)]
    no_accept: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Waits for the job's end and prints its result.
pub async fn wait_for_job(options: WaitOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    let as_json = options.connection.is_json();
    let log_options = LogOptions {
        as_json,
        raw: options.raw,
        keeps_window: options.no_accept,
        ..LogOptions::default()
    };
    follow_job(&ctx, options.job, log_options).await
}
