//! `nosana market retire`: stop a market from accepting jobs and nodes.

use anyhow::Result;
use nosana_client::jobs::instructions::RetireMarket;

use super::options::ConfirmedMarketOptions;
use crate::confirm::ensure_confirmed;

/// Retires a market.
pub async fn retire_market(options: ConfirmedMarketOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    ensure_confirmed("Retire the market permanently?", options.yes)?;

    ctx.send(RetireMarket { authority: ctx.address(), market: options.market }).await?;
    println!("{} accepts no new jobs or nodes; listed jobs continue", options.market);
    Ok(())
}
