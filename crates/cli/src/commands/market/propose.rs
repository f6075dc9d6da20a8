//! `nosana market propose`: announce new terms.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use nosana_client::{jobs::instructions::ProposeTerms, pda};
use solana_address::Address;

use super::terms::read_terms;
use crate::commands::{connection::ConnectionOptions, values::parse_address};

/// A market and its new terms.
#[derive(Debug, Args)]
pub struct ProposeOptions {
    /// Address of the market
    #[arg(value_parser = parse_address)]
    market: Address,
    /// File with the terms, JSON
    terms: PathBuf,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Announces new terms.
pub async fn propose_terms(options: ProposeOptions) -> Result<()> {
    let terms = read_terms(&options.terms)?;
    let ctx = options.connection.connect().await?;
    let (market, account) = ctx.fetch_market(Some(options.market)).await?;

    let config = pda::jobs::config();
    ctx.send(ProposeTerms { authority: ctx.address(), config, market, terms }).await?;
    println!(
        "announced; `nosana market apply {market}` applies the terms in {} s",
        account.notice_seconds
    );
    Ok(())
}
