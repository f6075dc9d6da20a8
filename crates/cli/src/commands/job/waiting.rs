//! Why a job waits, for a client who follows it.

use anyhow::Result;
use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::State;
use solana_address::Address;

use super::{history::JobHistory, market_nodes::MarketNodes, returns::describe_returns};
use crate::commands::context::CliContext;

/// Whether no node has started the job yet.
pub fn is_unstarted(job: &Job) -> bool {
    [State::Queued as u8, State::Matched as u8].contains(&job.state)
}

/// What a client reads who stops bringing the content of a private job that no node has started.
pub fn describe_unserved(address: &Address) -> String {
    format!(
        "no node has started the job, and none gets its content now: `nosana job wait {address}` \
         brings it, `nosana job cancel {address}` takes the job back"
    )
}

/// Explains why no node has started the job: how nodes gave it back, and what they do now. An RPC
/// server may answer only a part of that.
pub async fn explain_wait(ctx: &CliContext, address: &Address, job: &Job) -> String {
    let mut reasons = Vec::new();

    match find_returns(ctx, address).await {
        Ok(returns) => reasons.extend(returns),
        Err(error) => tracing::debug!("cannot read the job's history: {error:#}"),
    }
    match MarketNodes::fetch(ctx, &job.market).await {
        Ok(nodes) => reasons.push(nodes.describe()),
        Err(error) => tracing::debug!("cannot list the nodes: {error:#}"),
    }

    if reasons.is_empty() {
        reasons.push("all nodes are busy, or none can run its definition".to_owned());
    }
    reasons.join("; ")
}

async fn find_returns(ctx: &CliContext, address: &Address) -> Result<Option<String>> {
    let history = JobHistory::fetch(ctx, address).await?;
    Ok(describe_returns(&history.find_returns(address)))
}
