//! `nosana market apply`: apply announced terms.

use anyhow::Result;
use clap::Args;
use nosana_client::{jobs::instructions::ApplyTerms, pda};
use solana_address::Address;

use crate::{
    commands::{connection::ConnectionOptions, values::parse_address},
    confirm::ensure_confirmed,
};

/// One market.
#[derive(Debug, Args)]
pub struct ApplyOptions {
    /// Address of the market; defaults to the only open market
    #[arg(value_parser = parse_address)]
    market: Option<Address>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Applies announced terms.
pub async fn apply_terms(options: ApplyOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let (market, _) = ctx.fetch_market(options.market).await?;
    let question = format!("Apply the announced terms to the market {market}?");
    ensure_confirmed(&question, options.yes)?;

    ctx.send(ApplyTerms { config: pda::jobs::config(), market }).await?;
    println!("the new terms apply to jobs that are listed from now on");
    Ok(())
}
