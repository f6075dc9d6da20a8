//! `nosana market close`: close an empty, retired market.

use anyhow::{Context, Result};
use nosana_client::actions;

use super::options::ConfirmedMarketOptions;
use crate::{commands::values::format_nos, confirm::ensure_confirmed};

/// Closes a market.
pub async fn close_market(options: ConfirmedMarketOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let (market, account) = ctx.fetch_market(Some(options.market)).await.with_context(|| {
        format!("cannot find the market {}; `nosana market list` lists them", options.market)
    })?;
    ensure_confirmed("Close the market?", options.yes)?;

    ctx.send(actions::close_market(ctx.address(), ctx.mint, market)).await?;
    println!("{} came back, and the rent of the accounts", format_nos(account.deposit));
    Ok(())
}
