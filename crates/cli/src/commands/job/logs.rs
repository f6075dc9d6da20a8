//! `nosana job logs`: the logs and artifacts of a job's commands.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use nosana_protocol::job::State;
use solana_address::Address;

use super::{
    answer::Answer,
    artifacts_folder::ensure_writable_folder,
    command_logs::{LogOptions, show_command_logs},
    service::show_service_logs,
    verdict::{Verdict, ensure_completed, ensure_service_served},
};
use crate::commands::{connection::ConnectionOptions, values::parse_address};

/// A settled job, or a service.
#[derive(Debug, Args)]
pub struct LogsOptions {
    /// Address of the job
    #[arg(value_parser = parse_address)]
    job: Address,
    /// Folder to save the artifacts in
    #[arg(long, value_name = "DIR", alias = "artefacts-to")]
    artifacts_to: Option<PathBuf>,
    /// Print logs byte by byte, with sequences that may control your terminal
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Prints the logs of a settled job or a service.
pub async fn print_logs(options: LogsOptions) -> Result<()> {
    if let Some(folder) = &options.artifacts_to {
        ensure_writable_folder(folder)?;
    }

    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;
    let log_options = LogOptions {
        artifacts_to: options.artifacts_to.as_deref(),
        as_json: options.connection.is_json(),
        raw: options.raw,
        verdict: Verdict::from_service(&job).filter(|_| job.is_service()),
        ..LogOptions::default()
    };

    if job.is_service() {
        show_service_logs(&ctx.store, options.job, &job, log_options)?;
        return ensure_service_served(&job);
    }

    ensure!(
        job.state == State::Settled as u8,
        "the job is not settled yet; `nosana job wait {}` waits for it",
        options.job
    );
    ensure_completed(&options.job, &job, log_options.as_json)?;

    let answer = Answer::load(&ctx.store, options.job, &job)?;
    show_command_logs(&ctx.store, &answer, log_options)?;
    Verdict::from_answer(&answer).ensure_success(&options.job)
}
