//! Markets, and who waits in them.

use anyhow::Result;
use clap::Args;
use nosana_client::{Queue, jobs::accounts::Market};
use serde_json::{Value, json};
use solana_address::Address;

use super::terms;
use crate::commands::{connection::Connection, nos};

/// All markets.
#[derive(Debug, Args)]
pub struct AllOptions {
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

/// Lists them, the cheapest first.
pub async fn all(options: AllOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let mut markets = open.session.accounts::<Market>(&[]).await?;
    markets
        .sort_by_key(|(address, market)| (market.retired, market.terms.price_per_second, *address));
    let mut all = Vec::new();
    for (address, market) in &markets {
        all.push(describe(address, market, &open.session.queue(address).await?)?);
    }
    if options.connection.json() {
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    if markets.is_empty() {
        println!("there are no markets here: `nosana market open` opens one");
    }
    for ((address, market), described) in markets.iter().zip(&all) {
        let retired = if market.retired == 0 { "" } else { ", retired" };
        let (kind, waiting) =
            (described["waiting_kind"].as_str().unwrap_or("nobody"), &described["waiting"]);
        let hour = nos(u128::from(market.terms.price_per_second) * 3_600);
        println!(
            "{address}  {hour} an hour, {waiting} waiting ({kind}), {} open{retired}",
            described["open_jobs"]
        );
    }
    Ok(())
}

/// Shows one.
pub async fn one(options: OneOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let (address, market) = open.market(options.market).await?;
    let described = describe(&address, &market, &open.session.queue(&address).await?)?;
    if options.connection.json() {
        println!("{}", serde_json::to_string_pretty(&described)?);
        return Ok(());
    }
    for (name, value) in
        described.as_object().into_iter().flatten().filter(|(name, _)| *name != "terms")
    {
        println!("{name:<22} {}", plain(value));
    }
    for (name, value) in described["terms"].as_object().into_iter().flatten() {
        println!("  {name:<20} {}", plain(value));
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(
        || if value.is_null() { "-".to_owned() } else { value.to_string() },
        str::to_owned,
    )
}

fn describe(address: &Address, market: &Market, queue: &Queue) -> Result<Value> {
    let waiting = queue.waiting.len();
    Ok(json!({
        "market": address.to_string(),
        "authority": market.authority.to_string(),
        "id": market.id,
        "retired": market.retired != 0,
        "notice_seconds": market.notice_seconds,
        "waiting": waiting,
        "waiting_kind": if waiting == 0 { None } else { Some(format!("{:?}", queue.fifo.side).to_lowercase()) },
        "open_jobs": queue.header.open_jobs,
        "fees_accrued": queue.header.fees_accrued,
        "terms": terms::as_json(&market.terms)?,
    }))
}
