//! `nosana market list`: all markets of the network.

use anyhow::Result;
use clap::Args;
use nosana_client::jobs::accounts::Market;

use super::describe::market_to_json;
use crate::commands::{
    connection::ConnectionOptions,
    values::{format_nos, print_json},
};

/// All markets.
#[derive(Debug, Args)]
pub struct ListMarketsOptions {
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Lists the markets, the cheapest first and retired ones last.
pub async fn list_markets(options: ListMarketsOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let mut markets = ctx.session.list_accounts::<Market>(&[]).await?;
    markets
        .sort_by_key(|(address, market)| (market.retired, market.terms.price_per_second, *address));

    let mut described = Vec::new();
    for (address, market) in &markets {
        let queue = ctx.session.fetch_queue(address).await?;
        described.push(market_to_json(address, market, &queue)?);
    }
    if options.connection.is_json() {
        return print_json(&described);
    }

    if markets.is_empty() {
        println!("this network has no markets: `nosana market open` opens one");
    }
    for ((address, market), json) in markets.iter().zip(&described) {
        let hour = format_nos(u128::from(market.terms.price_per_second) * 3_600);
        let waiting = &json["waiting"];
        let kind = json["waiting_kind"].as_str().unwrap_or("none");
        let open_jobs = &json["open_jobs"];
        let verified = if market.terms.dispute_seconds == 0 { "" } else { ", verified jobs" };
        let retired = if market.retired == 0 { "" } else { ", retired" };
        println!(
            "{address}  {hour} an hour, {waiting} waiting ({kind}), {open_jobs} \
             open{verified}{retired}"
        );
    }
    Ok(())
}
