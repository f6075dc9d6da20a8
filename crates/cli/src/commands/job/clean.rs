//! `nosana job clean`: close settled jobs.

use anyhow::{Context, Result, ensure};
use clap::Args;
use nosana_client::{
    actions,
    due::{self, Due},
    jobs::accounts::Job,
    session::Filter,
};
use serde_json::json;
use solana_address::Address;

use crate::{
    commands::{
        connection::ConnectionOptions,
        context::CliContext,
        values::{parse_address, print_json},
    },
    confirm::ensure_confirmed,
};

/// The jobs to close.
#[derive(Debug, Args)]
pub struct CleanOptions {
    /// Addresses of the jobs; defaults to all that you paid for
    #[arg(value_parser = parse_address)]
    jobs: Vec<Address>,
    /// Do not ask before closing all jobs
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Closes settled jobs. The rent goes to their payers.
pub async fn clean_jobs(options: CleanOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    let closed = if options.jobs.is_empty() {
        close_all_jobs(&ctx, options.yes).await?
    } else {
        close_named_jobs(&ctx, &options.jobs).await?
    };

    if options.connection.is_json() {
        return print_json(&json!({ "closed": closed }));
    }
    println!("{} jobs closed; their rent went back to their payers", closed.len());
    Ok(())
}

async fn close_all_jobs(ctx: &CliContext, yes: bool) -> Result<Vec<String>> {
    let now = ctx.chain_time().await?;
    let filter = Filter::new(Job::PAYER_OFFSET, ctx.address());
    let mut jobs = ctx.session.list_accounts::<Job>(&[filter]).await?;
    jobs.retain(|(_, job)| due::find_due(job, now) == Ok(Some(Due::Clean)));

    if !jobs.is_empty() {
        let question = format!(
            "Close {} jobs? Their results can no longer be found by their addresses.",
            jobs.len()
        );
        ensure_confirmed(&question, yes)?;
    }

    let mut closed = Vec::with_capacity(jobs.len());
    for (address, job) in jobs {
        closed.push(close_job(ctx, address, &job).await?);
    }
    Ok(closed)
}

async fn close_named_jobs(ctx: &CliContext, addresses: &[Address]) -> Result<Vec<String>> {
    let mut closed = Vec::with_capacity(addresses.len());
    for &address in addresses {
        let job = ctx.fetch_job(&address).await?;
        ensure!(
            job.payer_credit == 0,
            "the job {address} still owes you a refund; \
             collect it with `nosana job collect {address}` first"
        );
        closed.push(close_job(ctx, address, &job).await?);
    }
    Ok(closed)
}

async fn close_job(ctx: &CliContext, address: Address, job: &Job) -> Result<String> {
    let sent = ctx.send(actions::clean(address, job)).await;
    sent.with_context(|| format!("cannot close the job {address}"))?;
    Ok(address.to_string())
}
