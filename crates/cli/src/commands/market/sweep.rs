//! `nosana market sweep`: send a market's fees to the stakers.

use anyhow::Result;
use nosana_client::actions;

use super::options::MarketOptions;
use crate::commands::values::format_nos;

/// Sweeps the market's fees into the reward pool.
pub async fn sweep_fees(options: MarketOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let (market, _) = ctx.fetch_market(options.market).await?;

    let fees = ctx.session.fetch_queue(&market).await?.header.fees_accrued;
    let steps = [actions::sweep_fees(market).into(), actions::count_income().into()];
    ctx.send_all(&steps).await?;
    println!("{} went to the stakers", format_nos(fees));
    Ok(())
}
