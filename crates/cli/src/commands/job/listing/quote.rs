//! The price of a job before it is listed.

use anyhow::{Context, Result, ensure};
use nosana_client::{
    jobs::accounts::{Config, Market},
    pda,
};
use nosana_protocol::{
    job::Kind,
    settlement::Terms,
    units::{BasisPoints, Price, Seconds},
};
use solana_address::Address;

use super::options::ListingOptions;
use crate::commands::{context::CliContext, values::format_nos};

/// Seconds in an hour.
const SECONDS_PER_HOUR: u128 = 3_600;

/// A market's price for a job.
pub struct Quote {
    /// The market.
    pub market: Address,
    /// The market's price, in base units a second.
    price: u64,
    /// The highest price that the client pays, in base units a second.
    pub max_price: u64,
    /// The deposit, in base units.
    pub deposit: u64,
}

impl Quote {
    /// Fetches the market and computes the deposit. Fails if the market's price or the timeout is
    /// too high.
    pub async fn fetch(ctx: &CliContext, options: &ListingOptions, kind: Kind) -> Result<Self> {
        let (address, market) = ctx.fetch_market(options.market).await?;
        let config = ctx.session.fetch_account::<Config>(&pda::jobs::config()).await?;

        let price = market.terms.price_per_second;
        let max_price = options.max_price.map_or(price, |price| price.0);
        ensure!(
            price <= max_price,
            "the market's price is {} a second, more than --max-price {}",
            format_nos(price),
            format_nos(max_price)
        );

        let deposit = compute_deposit(&market, options.timeout, config.network_fee_bps, kind)?;
        Ok(Self { market: address, price, max_price, deposit })
    }

    /// Prints price and deposit to standard error.
    pub fn print(&self, timeout: u64) {
        let second = format_nos(self.price);
        let hour = format_nos(u128::from(self.price) * SECONDS_PER_HOUR);
        let deposit = format_nos(self.deposit);

        eprintln!("market   {}: {second} a second, {hour} an hour", self.market);
        eprintln!("deposit  {deposit} for {timeout} s; the unused part comes back");
    }
}

fn compute_deposit(market: &Market, timeout: u64, fee: u16, kind: Kind) -> Result<u64> {
    let min_timeout = market.terms.min_timeout_seconds;
    ensure!(
        timeout >= u64::from(min_timeout),
        "the market accepts jobs of {min_timeout} s and more; give a longer --timeout"
    );
    let max_timeout = market.terms.max_timeout_seconds;
    ensure!(
        timeout <= max_timeout,
        "the market allows {max_timeout} s at most; give a shorter --timeout"
    );

    let price = Price(market.terms.price_per_second);
    let terms = Terms { price, timeout: Seconds(timeout), fee: BasisPoints(fee), kind };
    let escrow = terms
        .escrow_amount()
        .ok()
        .context("price × timeout overflows; give a shorter --timeout")?;
    Ok(escrow.0)
}
