//! Warnings about a market's nodes, before a job is paid.

use solana_address::Address;

use crate::commands::{context::CliContext, job::market_nodes::MarketNodes};

/// Prints a warning if no node of the market can take the job. It may still be listed: a node can
/// come later, and the deposit of a job that waits comes back.
pub async fn warn_about_nodes(ctx: &CliContext, market: &Address) {
    match MarketNodes::fetch(ctx, market).await {
        Ok(found) if found.nodes == 0 => {
            eprintln!("warning  {}: the job waits until one comes", found.describe());
        }
        Ok(_) => {}
        // Nodes of busy clusters forbid the request.
        Err(error) => tracing::debug!("cannot list the market's nodes: {error:#}"),
    }
}
