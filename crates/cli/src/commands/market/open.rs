//! `nosana market open`: open a market.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use nosana_client::{
    actions,
    jobs::accounts::{Config, Market},
    pda, token,
};

use super::{term_bounds::check_bounds, terms::read_terms};
use crate::{
    commands::{connection::ConnectionOptions, funds::Cost, values::format_nos},
    confirm::ensure_confirmed,
};

/// A new market.
#[derive(Debug, Args)]
pub struct OpenMarketOptions {
    /// File with the terms, JSON
    terms: PathBuf,
    /// Number of the market, unique for this key
    #[arg(long, default_value_t = 1)]
    id: u64,
    /// Time between the announcement of new terms and their application, in seconds: an hour to 7
    /// days; it cannot be changed later
    #[arg(long, default_value_t = 86_400)]
    notice_seconds: u32,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Opens a market and prints its address.
pub async fn open_market(options: OpenMarketOptions) -> Result<()> {
    let terms = read_terms(&options.terms)?;
    let ctx = options.connection.connect().await?;

    let config = ctx.session.fetch_account::<Config>(&pda::jobs::config()).await?;
    check_bounds(&terms, config.max_timeout_seconds)?;
    eprintln!("deposit  {}, until the market is closed", format_nos(config.market_deposit));
    let accounts = [Market::SIZE, token::ACCOUNT_SIZE];
    ctx.ensure_funds(Cost::new("the market", config.market_deposit, &accounts)).await?;
    ensure_confirmed("Open the market?", options.yes)?;

    let open =
        actions::open_market(ctx.address(), ctx.mint, options.id, options.notice_seconds, terms);
    let market = open.market;
    ctx.send(open).await?;
    println!("{market}");
    Ok(())
}
