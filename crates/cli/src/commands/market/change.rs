//! Opening markets, and changing them.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use nosana_client::{
    actions,
    jobs::{
        accounts::Config,
        instructions::{ApplyTerms, ProposeTerms, RetireMarket},
    },
    pda,
};
use solana_address::Address;

use super::terms;
use crate::{
    commands::{connection::Connection, nos},
    confirm::confirm,
};

/// A new market.
#[derive(Debug, Args)]
pub struct OpenOptions {
    /// File with the terms, JSON
    terms: PathBuf,
    /// A number that no other market of this key has
    #[arg(long, default_value_t = 1)]
    id: u64,
    /// How long new terms are announced before they can be applied, in seconds: an hour to 7 days,
    /// and never changed
    #[arg(long, default_value_t = 86_400)]
    notice_seconds: u32,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// New terms.
#[derive(Debug, Args)]
pub struct TermsOptions {
    /// The market
    #[arg(value_parser = crate::commands::address)]
    market: Address,
    /// File with the terms, JSON
    terms: PathBuf,
    #[command(flatten)]
    connection: Connection,
}

/// One market.
#[derive(Debug, Args)]
pub struct OneOptions {
    /// The market; by default the only one there is
    #[arg(value_parser = crate::commands::address)]
    market: Option<Address>,
    #[command(flatten)]
    connection: Connection,
}

/// One market, and no question.
#[derive(Debug, Args)]
pub struct EndOptions {
    /// The market
    #[arg(value_parser = crate::commands::address)]
    market: Address,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Opens a market.
pub async fn open(options: OpenOptions) -> Result<()> {
    let terms = terms::read(&options.terms)?;
    let open = options.connection.open().await?;
    let config = open.session.account::<Config>(&pda::jobs::config()).await?;
    eprintln!("deposit  {}, until the market is closed", nos(config.market_deposit.into()));
    confirm("Open the market?", options.yes)?;
    let opening =
        actions::open_market(open.client(), open.mint, options.id, options.notice_seconds, terms);
    let market = opening.market;
    open.send(opening).await?;
    println!("{market}");
    Ok(())
}

/// Announces terms.
pub async fn propose(options: TermsOptions) -> Result<()> {
    let terms = terms::read(&options.terms)?;
    let open = options.connection.open().await?;
    let (market, stored) = open.market(Some(options.market)).await?;
    let (authority, config) = (open.client(), pda::jobs::config());
    open.send(ProposeTerms { authority, config, market, terms }).await?;
    println!(
        "announced: `nosana market apply {market}` puts them in force in {} s",
        stored.notice_seconds
    );
    Ok(())
}

/// Applies announced terms.
pub async fn apply(options: OneOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let (market, _) = open.market(options.market).await?;
    open.send(ApplyTerms { config: pda::jobs::config(), market }).await?;
    println!("the new terms are in force for what is listed from now on");
    Ok(())
}

/// Sweeps fees.
pub async fn sweep(options: OneOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let (market, _) = open.market(options.market).await?;
    let fees = open.session.queue(&market).await?.header.fees_accrued;
    open.send(actions::sweep_fees(market)).await?;
    println!("{} went to those who stake", nos(fees.into()));
    Ok(())
}

/// Retires a market.
pub async fn retire(options: EndOptions) -> Result<()> {
    let open = options.connection.open().await?;
    confirm("Retire the market for good?", options.yes)?;
    open.send(RetireMarket { authority: open.client(), market: options.market }).await?;
    println!("{} takes nothing new; what is listed goes on", options.market);
    Ok(())
}

/// Closes a market.
pub async fn close(options: EndOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let (market, stored) =
        open.market(Some(options.market)).await.context("there is no such market")?;
    confirm("Close the market?", options.yes)?;
    open.send(actions::close_market(open.client(), open.mint, market)).await?;
    println!("{} came back, and the rents", nos(stored.deposit.into()));
    Ok(())
}
