//! `nosana market show`: one market.

use std::time::Duration;

use anyhow::Result;
use nosana_client::jobs::accounts::Market;
use nosana_protocol::policy::VALIDITY;
use serde_json::Value;
use solana_address::Address;

use super::{describe::market_to_json, options::MarketOptions};
use crate::commands::{
    dates::format_time,
    values::{format_bps, format_nos, format_xnos, print_json},
};

/// Fields that are printed as tables of their own.
const OF_TERMS: [&str; 3] = ["terms", "announced", "announced_from"];
/// Millionths in a percent.
const PPM_PER_PERCENT: u64 = 10_000;
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
    for (name, value) in fields.filter(|(name, _)| !OF_TERMS.contains(&name.as_str())) {
        println!("{name:<22} {}", value_text(name, value));
    }
    println!("terms");
    for (name, value) in described["terms"].as_object().into_iter().flatten() {
        println!("  {name:<28} {}", value_text(name, value));
    }

    if described["announced"].is_object() {
        print_announced(&address, &market, &described);
    }
    Ok(())
}

/// Prints which terms change, and when they can be applied.
fn print_announced(address: &Address, market: &Market, described: &Value) {
    let until = market.announced_from.saturating_add_unsigned(VALIDITY.0);
    println!(
        "announced, to be applied from {} to {} by `nosana market apply {address}`",
        format_time(market.announced_from),
        format_time(until)
    );

    let terms = &described["terms"];
    for (name, value) in described["announced"].as_object().into_iter().flatten() {
        if *value != terms[name] {
            let [old, new] = [&terms[name], value].map(|value| value_text(name, value));
            println!("  {name:<28} {new} instead of {old}");
        }
    }
}

/// A value as people read it: amounts in NOS, times with their units.
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
        ("auto_check_ppm", Some(ppm)) => {
            let (whole, rest) = (ppm / PPM_PER_PERCENT, ppm % PPM_PER_PERCENT);
            return format!("{whole}.{rest:04} % of results at most, by `--check auto`");
        }
        (rate, Some(bps)) if rate.ends_with("_bps") => {
            return u16::try_from(bps).map_or_else(|_| bps.to_string(), format_bps);
        }
        (time, Some(seconds)) if time.ends_with("_seconds") => {
            return humantime::format_duration(Duration::from_secs(seconds)).to_string();
        }
        (memory, Some(mib)) if memory.ends_with("_mib") => return format!("{mib} MiB"),
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
    fn values_have_their_units() {
        let text = |name, number: u64| value_text(name, &number.into());
        assert_eq!(text("price_per_second", 50), "0.000050 NOS, 0.180000 NOS an hour");
        assert_eq!(text("collateral_per_job", 10_000_000), "10.000000 NOS");
        assert_eq!(text("min_xnos", 1), "0.000001 xNOS");
        assert_eq!(text("start_seconds", 120), "2m");
        assert_eq!(text("notice_seconds", 90_000), "1day 1h");
        assert_eq!(text("challenge_seconds", 0), "0s");
        assert_eq!(text("panel_fee_bps", 2_550), "25.50 %");
        let checked = "6.8028 % of results at most, by `--check auto`";
        assert_eq!(text("auto_check_ppm", 68_028), checked);
        assert_eq!(value_text("auto_check_ppm", &Value::Null), "-");
        assert_eq!(text("min_vram_mib", 8_192), "8192 MiB");
        assert_eq!(text("max_attempts", 3), "3");
        assert_eq!(value_text("access_collection", &Value::Null), "-");
    }
}
