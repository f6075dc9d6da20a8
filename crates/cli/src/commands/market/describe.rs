//! A market as JSON.

use anyhow::Result;
use nosana_client::{Queue, jobs::accounts::Market};
use serde_json::{Value, json};
use solana_address::Address;

use super::terms::terms_to_json;

/// Returns the market's account, its queue's counts, and its terms.
pub fn market_to_json(address: &Address, market: &Market, queue: &Queue) -> Result<Value> {
    let waiting = queue.waiting.len();
    let is_announced = market.announced_from != 0;
    let announced = is_announced.then(|| terms_to_json(&market.announced)).transpose()?;
    let waiting_kind = (waiting > 0).then(|| format!("{:?}", queue.fifo.side).to_lowercase());

    Ok(json!({
        "market": address.to_string(),
        "authority": market.authority.to_string(),
        "id": market.id,
        "retired": market.retired != 0,
        "notice_seconds": market.notice_seconds,
        "waiting": waiting,
        "waiting_kind": waiting_kind,
        "open_jobs": queue.header.open_jobs,
        "fees_accrued": queue.header.fees_accrued,
        "terms": terms_to_json(&market.terms)?,
        "announced_from": is_announced.then_some(market.announced_from),
        "announced": announced,
    }))
}
