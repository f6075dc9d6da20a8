//! `nosana job wait`: follow one job.

use anyhow::Result;
use clap::Args;
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_net::exchange::REPLICAS;
use solana_address::Address;

use super::{
    check_means::{CheckMeans, CheckPlan},
    check_rate::CheckRate,
    command_logs::LogOptions,
    follow::follow_job,
    listing::{ContentFeed, FeedPace, replicate_inputs},
    waiting::is_unstarted,
};
use crate::commands::{connection::ConnectionOptions, context::CliContext, values::parse_address};

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
    /// Share of results of verified jobs that are computed again before they are paid: a
    /// probability, or `auto` for the one at which cheating does not pay if this machine checks; a
    /// wrong result is disputed for a bond
    #[arg(long, value_name = "P|auto")]
    check: Option<CheckRate>,
    /// Who computes it again: `own` (default), this machine; `twin`, another node, by the same job
    /// once more, whose deposit you pay; `auto`, this machine if it can, else a twin, except for
    /// answers of language models
    #[arg(long, value_name = "WHO", value_enum, requires = "check")]
    check_by: Option<CheckMeans>,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Waits for the job's end and prints its result.
pub async fn wait_for_job(options: WaitOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    let job = ctx.fetch_job(&options.job).await?;
    bring_content(&ctx, options.job, &job).await?;

    let as_json = options.connection.is_json();
    let log_options = LogOptions {
        as_json,
        raw: options.raw,
        keeps_window: options.no_accept,
        check: CheckPlan::from_options(options.check, options.check_by),
        ..LogOptions::default()
    };
    follow_job(&ctx, options.job, log_options).await
}

/// Brings the content of an own job to nodes, if this machine has it and a node may need it.
async fn bring_content(ctx: &CliContext, address: Address, job: &Job) -> Result<()> {
    let is_own = [job.client, job.payer].contains(&ctx.address());
    let definition = ContentId::from_digest(job.definition);
    let store = ctx.local_store(job)?;

    if job.is_private == 0 {
        if is_unstarted(job) && job.client == ctx.address() && store.has_file(&definition) {
            ContentFeed::spawn_public(ctx, address, definition).await;
            replicate_inputs(ctx, address, definition, REPLICAS).await;
        }
        return Ok(());
    }
    if is_own && store.has_file(&definition) {
        let feed = ContentFeed::prepare_private(ctx, store, address, definition).await?;
        feed.spawn(FeedPace::default());
    } else if is_unstarted(job) {
        eprintln!(
            "the job is private, and its content is not on this machine: no node can start it \
             until `nosana job wait {address}` runs where it was listed"
        );
    }
    Ok(())
}
