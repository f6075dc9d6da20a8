//! A verified job, listed with the terms of a market.

use nosana_protocol::{
    dispute::{
        checks::{EVERY_RESULT, sufficient_check_rate},
        payment::Stakes,
        terms::{DisputeTerms, MIN_WINDOW, bond_amount},
    },
    job::{Kind, Reason},
    settlement::{Terms, split_escrow},
    units::{Amount, BasisPoints, Price, Seconds},
};

use crate::fault::Fault;

/// Price of each job: results do not depend on it, because all amounts are parts of it.
const PRICE: Price = Price(1_000);
/// Longest time of a job, if a phase is not shorter.
const TIMEOUT: Seconds = Seconds(600);
/// The network's fee.
const NETWORK_FEE: BasisPoints = BasisPoints(500);

/// A verified job with its stakes, as the programs fix them.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// The market's terms.
    pub terms: DisputeTerms,
    /// What a dispute of the job is about.
    pub stakes: Stakes,
    /// What a challenger deposits.
    pub bond: Amount,
    /// The price of the whole timeout: the unit in which results are stated.
    pub price: Amount,
    /// The part of the results that a client checks.
    pub check_rate: f64,
}

impl Listing {
    /// Lists a job whose node earns the price of the whole timeout, with the least collateral that
    /// the terms allow, checked at the rate of `--check auto`.
    ///
    /// # Errors
    /// [`Fault::TermsRefused`] if the programs refuse the terms or the job.
    pub fn with_terms(terms: DisputeTerms) -> Result<Self, Fault> {
        let timeout = TIMEOUT.min(terms.phase);
        let window = timeout.max(MIN_WINDOW);
        if !terms.are_in_bounds(window) {
            return Err(Fault::TermsRefused);
        }

        let job = Terms { price: PRICE, timeout, fee: NETWORK_FEE, kind: Kind::VerifiedBatch };
        let admitted = terms.admit_job(job.price, job.timeout, Amount(u64::MAX), window)?;
        let listed = admitted.ok_or(Fault::TermsRefused)?;
        let escrow = job.escrow_amount()?;
        let stakes = Stakes {
            escrow,
            undisputed: split_escrow(&job, escrow, Reason::Completed, Some(timeout))?,
            panel_fee: listed.panel_fee,
            collateral: listed.min_collateral,
            seat_collateral: listed.min_collateral,
            slashes: true,
        };

        let price = job.price.cost_of(timeout)?;
        let rate = sufficient_check_rate(price, stakes.collateral);

        Ok(Self {
            terms,
            stakes,
            bond: bond_amount(stakes.panel_fee)?,
            price,
            check_rate: f64::from(rate) / f64::from(EVERY_RESULT),
        })
    }

    /// Returns an amount as a part of the price of the whole timeout.
    pub fn part_of_price(&self, amount: f64) -> f64 {
        amount / self.price.0 as f64
    }

    /// Returns the collateral in panel fees.
    pub fn collateral_fees(&self) -> f64 {
        self.stakes.collateral.0 as f64 / self.stakes.panel_fee.0 as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_terms_that_the_programs_accept_are_listed() {
        let terms = |fee, ratio, phase| DisputeTerms {
            phase: Seconds(phase),
            panel_fee: BasisPoints(fee),
            min_collateral_ratio: ratio,
        };
        for (fee, ratio, phase) in [(2_500, 10, 120), (20_000, 10_000, 86_400), (2_500, 20, 600)] {
            let listing = Listing::with_terms(terms(fee, ratio, phase)).unwrap();
            assert_eq!(listing.bond.0, 4 * listing.stakes.panel_fee.0);
            assert!(listing.collateral_fees() >= 40.0);
        }
        for (fee, ratio, phase) in [(2_499, 20, 600), (2_500, 9, 600), (2_500, 20, 119)] {
            let refused = Listing::with_terms(terms(fee, ratio, phase));
            assert_eq!(refused.err(), Some(Fault::TermsRefused));
        }
    }

    #[test]
    fn clients_check_as_often_as_the_documentation_says() {
        let terms = DisputeTerms {
            phase: Seconds(600),
            panel_fee: BasisPoints(2_500),
            min_collateral_ratio: 20,
        };
        let listing = Listing::with_terms(terms).unwrap();
        assert!((listing.check_rate - 0.068).abs() < 1e-3, "{}", listing.check_rate);
    }
}
