//! `nosana job list`: the client's jobs.

use std::cmp::Reverse;

use anyhow::Result;
use clap::Args;
use nosana_client::{jobs::accounts::Job, session::Filter};
use serde_json::Value;

use super::{
    job_json::job_to_json,
    words::{reason_name, state_name},
};
use crate::commands::{
    connection::ConnectionOptions,
    values::{format_nos, print_json},
};

/// All jobs of the client.
#[derive(Debug, Args)]
pub struct ListOptions {
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Lists the client's jobs, the newest first.
pub async fn list_jobs(options: ListOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let filter = Filter::new(Job::CLIENT_OFFSET, ctx.address());
    let mut jobs = ctx.session.list_accounts::<Job>(&[filter]).await?;
    jobs.sort_by_key(|(_, job)| Reverse((job.listed_at, job.nonce)));

    if options.connection.is_json() {
        let all: Vec<Value> = jobs.iter().map(|(address, job)| job_to_json(address, job)).collect();
        return print_json(&all);
    }

    if jobs.is_empty() {
        println!(
            "{} has no jobs on this network: `nosana job embed TEXT` lists one",
            ctx.address()
        );
    }
    for (address, job) in jobs {
        let state = state_name(&job);
        let reason = reason_name(&job);
        println!("{address}  {state:<10} {reason:<16} escrow {}", format_nos(job.escrow));
    }
    Ok(())
}
