//! `nosana dispute list`: the disputes of a market.

use anyhow::Result;
use clap::Args;
use nosana_client::{jobs::accounts::Dispute, session::Filter};
use solana_address::Address;

use super::describe::{dispute_to_json, phase_text, progress_at};
use crate::commands::{
    connection::ConnectionOptions,
    values::{parse_address, print_json},
};

/// Which disputes.
#[derive(Debug, Args)]
pub struct ListDisputesOptions {
    /// Address of the market; defaults to all markets
    #[arg(short, long, value_parser = parse_address)]
    market: Option<Address>,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Lists the disputes, the newest first.
pub async fn list_disputes(options: ListDisputesOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let now = ctx.chain_time().await?;
    let filters: Vec<Filter> =
        options.market.iter().map(|market| Filter::new(Dispute::MARKET_OFFSET, market)).collect();

    let mut disputes = ctx.session.list_accounts::<Dispute>(&filters).await?;
    disputes.sort_by_key(|(address, dispute)| (-dispute.challenged_at, *address));

    if options.connection.is_json() {
        let mut all = Vec::new();
        for (address, dispute) in &disputes {
            all.push(dispute_to_json(address, dispute, &progress_at(dispute, now)?));
        }
        return print_json(&all);
    }
    if disputes.is_empty() {
        println!("no dispute is open");
    }
    for (address, dispute) in &disputes {
        let phase = phase_text(dispute, &progress_at(dispute, now)?);
        println!("{address}  job {}: {phase}", dispute.job);
    }
    Ok(())
}
