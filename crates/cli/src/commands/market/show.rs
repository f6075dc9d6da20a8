//! `nosana market show`: one market.

use anyhow::Result;
use serde_json::Value;

use super::{describe::market_to_json, options::MarketOptions};
use crate::commands::values::print_json;

/// Shows one market.
pub async fn show_market(options: MarketOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let (address, market) = ctx.fetch_market(options.market).await?;
    let queue = ctx.session.fetch_queue(&address).await?;

    let described = market_to_json(&address, &market, &queue)?;
    if options.connection.is_json() {
        return print_json(&described);
    }

    let fields = described.as_object().into_iter().flatten();
    for (name, value) in fields.filter(|(name, _)| *name != "terms") {
        println!("{name:<22} {}", value_text(value));
    }
    for (name, value) in described["terms"].as_object().into_iter().flatten() {
        println!("  {name:<20} {}", value_text(value));
    }
    Ok(())
}

fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}
