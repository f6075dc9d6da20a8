//! `nosana job logs`: the logs and artifacts of a job's commands; with `--follow`, while it runs.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::State;
use solana_address::Address;

use super::{
    answer::Answer,
    artifacts_folder::ensure_writable_folder,
    command_logs::{LogOptions, show_command_logs},
    history::JobHistory,
    reach::{JobReach, ReachOptions, StartNotice, print_live_log, wait_until_running},
    service::show_service_logs,
    verdict::{Verdict, ensure_completed, ensure_service_served},
    waiting::is_unstarted,
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
    /// Print the log while the job runs, from its start, straight from the node
    #[arg(short, long, conflicts_with = "artifacts_to")]
    follow: bool,
    #[command(flatten)]
    reach: ReachOptions,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Prints the logs of a settled job or a service, or follows those of a running one.
pub async fn print_logs(options: LogsOptions) -> Result<()> {
    if options.follow && follow_running(&options).await? {
        return Ok(());
    }
    ensure!(
        options.follow || options.reach.ticket.is_none(),
        "a grant opens the log of a running job; add --follow"
    );
    if let Some(folder) = &options.artifacts_to {
        ensure_writable_folder(folder)?;
    }

    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;
    let as_json = options.connection.is_json();
    let history = if as_json { JobHistory::find(&ctx, &options.job).await } else { None };
    let log_options = LogOptions {
        artifacts_to: options.artifacts_to.as_deref(),
        as_json,
        history: history.as_ref(),
        raw: options.raw,
        verdict: Verdict::from_service(&job).filter(|_| job.is_service()),
        ..LogOptions::default()
    };

    if job.is_service() {
        show_service_logs(&ctx.job_store(&options.job, &job)?, options.job, &job, log_options)?;
        return ensure_service_served(&job);
    }

    if has_open_result(&job) {
        eprintln!(
            "the result can still be accepted or rejected: `nosana job accept {0}`, `nosana job \
             reject {0}`",
            options.job
        );
    } else {
        ensure!(
            job.state == State::Settled as u8,
            "the job has no result yet; `nosana job wait {} --no-accept` waits for it",
            options.job
        );
        ensure_completed(&options.job, &job, as_json, history.as_ref())?;
    }

    let answer = Answer::load(&ctx.job_store(&options.job, &job)?, options.job, &job)?;
    show_command_logs(&ctx.job_store(&options.job, &job)?, &answer, log_options)?;
    Verdict::from_answer(&answer).ensure_success(&options.job)
}

/// Whether the job has a result and is not settled.
fn has_open_result(job: &Job) -> bool {
    [State::Submitted as u8, State::Challenged as u8].contains(&job.state)
}

/// Prints the log of the job straight from its node until the job ends. Returns false if it has
/// ended before: its log is in the store then.
async fn follow_running(options: &LogsOptions) -> Result<bool> {
    let session = options.connection.open_session().await?;
    let job = session.find_account::<Job>(&options.job).await?;
    let may_run = job.as_ref().is_none_or(|job| {
        is_unstarted(job) || job.state == State::Running as u8 || options.reach.ticket.is_some()
    });
    if !may_run {
        return Ok(false);
    }

    let job = wait_until_running(&session, options.job, StartNotice::Print).await?;
    let relays = options.connection.relays()?;
    let read_key = || options.connection.read_key();
    let reach =
        JobReach::prepare(&session, &options.reach, relays, options.job, &job, read_key).await?;
    let printed = print_live_log(&reach, options.raw).await;
    reach.close().await;
    printed.map(|_| true)
}
