//! Warnings about a market's nodes, before a job is paid.

use std::time::Duration;

use anyhow::Result;
use nosana_job_spec::JobDefinition;
use solana_address::Address;
use tokio::time::sleep;

use crate::commands::{context::CliContext, job::market_nodes::MarketNodes};

/// How often an empty market is read again: a node that has just ended a job needs a moment until
/// it waits again.
const MAX_RETRIES: usize = 4;
/// The pause between two reads.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Prints a warning if no node of the market can take the job, by what the nodes report that they can
/// run. It may still be listed: a node can come later, and the deposit of a job that waits comes
/// back.
pub async fn warn_about_nodes(ctx: &CliContext, market: &Address, definition: &JobDefinition) {
    match find_nodes(ctx, market).await {
        Ok(found) if found.nodes == 0 => {
            eprintln!("warning  {}; the job waits until one comes", found.describe());
        }
        Ok(found) => {
            if let Some(problem) = found.find_problem(definition) {
                eprintln!("warning  {problem}; the job waits until another node comes");
            }
        }
        // Nodes of busy clusters forbid the request.
        Err(error) => tracing::debug!("cannot list the market's nodes: {error:#}"),
    }
}

async fn find_nodes(ctx: &CliContext, market: &Address) -> Result<MarketNodes> {
    let mut found = MarketNodes::fetch(ctx, market).await?;

    for _ in 0..MAX_RETRIES {
        if found.nodes > 0 {
            break;
        }
        sleep(RETRY_DELAY).await;
        found = MarketNodes::fetch(ctx, market).await?;
    }
    Ok(found)
}
