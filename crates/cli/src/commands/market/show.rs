//! `nosana market show`: one market.

use anyhow::Result;
use serde_json::Value;

use super::{describe::market_to_json, options::MarketOptions};
use crate::commands::values::{format_nos, format_xnos, print_json};

/// Seconds in an hour.
const SECONDS_PER_HOUR: u128 = 3_600;

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
        println!("{name:<22} {}", value_text(name, value));
    }
    for (name, value) in described["terms"].as_object().into_iter().flatten() {
        println!("  {name:<20} {}", value_text(name, value));
    }
    Ok(())
}

/// A value as people read it: amounts in NOS.
fn value_text(name: &str, value: &Value) -> String {
    match (name, value.as_u64()) {
        ("price_per_second", Some(price)) => {
            let hour = format_nos(u128::from(price) * SECONDS_PER_HOUR);
            return format!("{}, {hour} an hour", format_nos(price));
        }
        ("collateral_per_job" | "no_start_penalty" | "fees_accrued", Some(amount)) => {
            return format_nos(amount);
        }
        ("min_xnos", Some(weight)) => return format_xnos(weight),
        _ => {}
    }

    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_in_nos_and_times_are_not() {
        let text = |name, number: u64| value_text(name, &number.into());
        assert_eq!(text("price_per_second", 50), "0.000050 NOS, 0.180000 NOS an hour");
        assert_eq!(text("collateral_per_job", 10_000_000), "10.000000 NOS");
        assert_eq!(text("min_xnos", 1), "0.000001 xNOS");
        assert_eq!(text("start_seconds", 120), "120");
        assert_eq!(value_text("access_collection", &Value::Null), "-");
    }
}
