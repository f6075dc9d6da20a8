//! `nosana market propose`: announce new terms.

use std::{path::PathBuf, time::Duration};

use anyhow::Result;
use clap::Args;
use humantime::format_duration;
use nosana_client::{
    jobs::{accounts::Config, instructions::ProposeTerms},
    pda,
};
use solana_address::Address;

use super::{term_bounds::check_bounds, terms::read_terms};
use crate::{
    commands::{connection::ConnectionOptions, values::parse_address},
    confirm::ensure_confirmed,
};

/// A market and its new terms.
#[derive(Debug, Args)]
pub struct ProposeOptions {
    /// Address of the market
    #[arg(value_parser = parse_address)]
    market: Address,
    /// File with the terms, JSON
    terms: PathBuf,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Announces new terms.
pub async fn propose_terms(options: ProposeOptions) -> Result<()> {
    let terms = read_terms(&options.terms)?;
    let ctx = options.connection.connect().await?;
    let (market, account) = ctx.fetch_market(Some(options.market)).await?;

    let config = pda::jobs::config();
    let max_timeout = ctx.session.fetch_account::<Config>(&config).await?.max_timeout_seconds;
    check_bounds(&terms, max_timeout)?;
    let notice = format_duration(Duration::from_secs(account.notice_seconds.into()));
    let question =
        format!("Announce these terms for the market {market}? They can be applied in {notice}.");
    ensure_confirmed(&question, options.yes)?;

    ctx.send(ProposeTerms { authority: ctx.address(), config, market, terms }).await?;
    println!("announced; `nosana market apply {market}` applies the terms in {notice}");
    Ok(())
}
