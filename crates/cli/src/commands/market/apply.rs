//! `nosana market apply`: apply announced terms.

use anyhow::Result;
use nosana_client::{jobs::instructions::ApplyTerms, pda};

use super::options::MarketOptions;

/// Applies announced terms.
pub async fn apply_terms(options: MarketOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let (market, _) = ctx.fetch_market(options.market).await?;

    ctx.send(ApplyTerms { config: pda::jobs::config(), market }).await?;
    println!("the new terms apply to jobs that are listed from now on");
    Ok(())
}
