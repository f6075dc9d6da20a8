//! What a deployment costs.

use anyhow::{Context, Result};
use nosana_client::jobs::accounts::Market;
use nosana_protocol::{
    job::Kind,
    settlement::Terms,
    units::{BasisPoints, Price, Seconds},
};

use super::options::RequiredOptions;
use crate::commands::values::format_nos;

/// Prints what the whole deployment costs at the current price.
pub fn announce_cost(options: &RequiredOptions, market: &Market, fee: u16) -> Result<()> {
    let price = market.terms.price_per_second;
    let one = cost_of(price, fee, options.duration.0)?;
    let all = u128::from(one) * u128::from(options.other.replicas);

    eprintln!(
        "{} replicas for {} s at {} a second cost {}; the budget is {}",
        options.other.replicas,
        options.duration.0,
        format_nos(price),
        format_nos(all),
        format_nos(options.budget.0)
    );
    Ok(())
}

/// What so many seconds of a service cost, in base units, with the fee.
pub fn cost_of(price: u64, fee: u16, seconds: u64) -> Result<u64> {
    let terms = Terms {
        price: Price(price),
        timeout: Seconds(seconds),
        fee: BasisPoints(fee),
        kind: Kind::Service,
    };
    Ok(terms.escrow_amount().ok().context("price × time overflows; give a shorter time")?.0)
}
