//! The price of a job before it is listed.

use anyhow::{Context, Result, bail, ensure};
use nosana_client::{
    jobs::accounts::{Config, Market},
    pda,
};
use nosana_protocol::{
    dispute::terms::{DisputeTerms, MIN_COLLATERAL_FEES, VerifiedTerms, bond_amount},
    job::Kind,
    settlement::Terms,
    units::{Amount, BasisPoints, Price, Seconds},
};
use solana_address::Address;

use super::options::ListingOptions;
use crate::commands::{context::CliContext, values::format_nos};

/// Seconds in an hour.
const SECONDS_PER_HOUR: u128 = 3_600;

/// The job whose price is requested.
#[derive(Clone, Copy, Debug)]
pub struct QuoteRequest {
    /// The market; `None` for the only open one.
    pub market: Option<Address>,
    /// Longest paid time, in seconds.
    pub timeout: u64,
    /// The highest price that the client pays, in base units a second; `None` for the market's.
    pub max_price: Option<u64>,
    /// The kind of the job.
    pub kind: Kind,
}

/// A market's price for a job.
pub struct Quote {
    /// The market.
    pub market: Address,
    /// The market's price, in base units a second.
    pub price: u64,
    /// The highest price that the client pays, in base units a second.
    pub max_price: u64,
    /// The deposit, in base units.
    pub deposit: u64,
    /// The time in which a node has to start a job that it took, in seconds.
    pub start_seconds: u32,
    /// The challenge window of a result, in seconds.
    pub challenge_seconds: u32,
    /// The length of a phase of a dispute, in seconds; 0 if the market takes no verified jobs.
    pub dispute_seconds: u32,
    /// What a dispute about a verified job's result is about.
    verified: Option<Verified>,
}

/// The terms of a verified job.
struct Verified {
    terms: VerifiedTerms,
    /// What the node locks, in base units.
    collateral: u64,
}

impl QuoteRequest {
    /// The request of a command that lists a job.
    pub fn from_options(options: &ListingOptions, kind: Kind) -> Self {
        let max_price = options.max_price.map(|price| price.0);
        Self { market: options.market, timeout: options.timeout, max_price, kind }
    }
}

impl Quote {
    /// Fetches the market and computes the deposit. Fails if the market's price or the timeout is
    /// too high.
    pub async fn fetch(ctx: &CliContext, request: QuoteRequest) -> Result<Self> {
        let QuoteRequest { market, timeout, max_price, kind } = request;
        let (address, market) = ctx.fetch_market(market).await?;
        let config = ctx.session.fetch_account::<Config>(&pda::jobs::config()).await?;

        let price = market.terms.price_per_second;
        let max_price = max_price.unwrap_or(price);
        ensure!(
            price <= max_price,
            "the market's price is {} a second, more than --max-price {}",
            format_nos(price),
            format_nos(max_price)
        );

        let deposit = compute_deposit(&market, timeout, config.network_fee_bps, kind)?;
        let verified = match kind {
            Kind::VerifiedBatch => Some(quote_verified(&market, timeout)?),
            Kind::Batch | Kind::Service => None,
        };
        Ok(Self {
            market: address,
            price,
            max_price,
            deposit,
            start_seconds: market.terms.start_seconds,
            challenge_seconds: market.terms.challenge_seconds,
            dispute_seconds: market.terms.dispute_seconds,
            verified,
        })
    }

    /// The bond of a dispute about the result, in base units; 0 for a job that is not verified.
    pub fn bond(&self) -> u64 {
        let fee = self.verified.as_ref().map_or(Amount(0), |verified| verified.terms.panel_fee);
        bond_amount(fee).unwrap_or_default().0
    }

    /// Prints price and deposit to standard error.
    pub fn print(&self, timeout: u64) {
        let second = format_nos(self.price);
        let hour = format_nos(u128::from(self.price) * SECONDS_PER_HOUR);
        let deposit = format_nos(self.deposit);

        eprintln!("market   {}: {second} a second, {hour} an hour", self.market);
        eprintln!("deposit  {deposit} for {timeout} s; the unused part comes back");
        if let Some(Verified { terms, collateral }) = &self.verified {
            let collateral = format_nos(*collateral);
            let bond = format_nos(self.bond());
            let fee = format_nos(terms.panel_fee.0);
            eprintln!(
                "verified its node locks {collateral}; a dispute about the result needs a bond of \
                 {bond}, and pays each panelist {fee}"
            );
        }
    }
}

/// Returns what a verified job is listed with. Fails if the market takes none, or not this one.
fn quote_verified(market: &Market, timeout: u64) -> Result<Verified> {
    let terms = &market.terms;
    if terms.dispute_seconds == 0 {
        bail!(
            "the market takes no verified jobs; `nosana market list` names those that do, or list \
             the job without --verified"
        );
    }

    let dispute = DisputeTerms {
        phase: Seconds(terms.dispute_seconds.into()),
        panel_fee: BasisPoints(terms.panel_fee_bps),
        min_collateral_ratio: terms.min_collateral_ratio,
    };
    let collateral = Amount(terms.collateral_per_job);
    let window = Seconds(terms.challenge_seconds.into());
    let admitted = dispute
        .admit_job(Price(terms.price_per_second), Seconds(timeout), collateral, window)
        .ok()
        .context("price × timeout overflows; give a shorter --timeout")?;
    let Some(admitted) = admitted else {
        bail!(
            "a verified job of {timeout} s does not fit the market: its nodes lock {}, which must \
             be at least {} times the price of the whole time and {MIN_COLLATERAL_FEES} panel fees \
             of {} basis points of it; a phase of a dispute must hold 1 NOS a second for six panel \
             fees; and who checks the result has {} s for a challenge and {} s for each phase, \
             which must be at least the timeout; give a shorter --timeout",
            format_nos(terms.collateral_per_job),
            terms.min_collateral_ratio,
            terms.panel_fee_bps,
            terms.challenge_seconds,
            terms.dispute_seconds
        );
    };
    Ok(Verified { terms: admitted, collateral: terms.collateral_per_job })
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

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    fn market(dispute_seconds: u32) -> Market {
        let zeroed = [Market::DISCRIMINATOR, &vec![0; Market::SIZE - 8]].concat();
        let mut market = Market::from_data(&zeroed).unwrap();
        market.terms.price_per_second = 1_000;
        market.terms.collateral_per_job = 12_000_000;
        market.terms.challenge_seconds = 3_600;
        market.terms.dispute_seconds = dispute_seconds;
        market.terms.panel_fee_bps = 2_500;
        market.terms.min_collateral_ratio = 20;
        market
    }

    #[test]
    fn a_verified_job_must_fit_the_market() {
        let refused = |market: &Market, timeout| {
            quote_verified(market, timeout).err().map(|error| error.to_string()).unwrap_or_default()
        };
        let fitting = quote_verified(&market(900), 600).unwrap();
        assert_eq!((fitting.terms.panel_fee, fitting.collateral), (Amount(150_000), 12_000_000));
        assert!(refused(&market(900), 601).contains("give a shorter --timeout"), "the collateral");
        assert!(refused(&market(599), 600).contains("600 s does not fit"), "the phase");
        assert!(refused(&market(0), 600).contains("takes no verified jobs"));
    }
}
