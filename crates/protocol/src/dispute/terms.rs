//! The terms of verified jobs: panel fee, bond, collateral.
//!
//! | quantity | formula | why |
//! | --- | --- | --- |
//! | panel fee `F` | `⌊price × timeout × panel fee rate / 10,000⌋`, fixed at the listing | a panelist does the work of the job |
//! | bond | `4 F` | pays three panelists and the node that was accused wrongly |
//! | phase and window | each at least the timeout | a panelist has as long as the node had |
//! | `6 F` | at most 1 NOS for each second of a phase | keeping a node's or a panelist's transactions from landing for a phase costs more than it gains |
//! | collateral `S` | at least `ratio × price × timeout`, and at least `40 F` | the friends of a cheating node win at most 4 `F`, which must be little beside `S`; the 6 `F` that a conviction pays out are less than a sixth |
//! | a seat's collateral `C` | the least that `S` may be, fixed at the listing | covers the `4 F` that a panelist loses at most |

use crate::{
    Overflow,
    units::{Amount, BasisPoints, Price, Seconds, WHOLE_BPS},
};

/// The bond of a challenger, in panel fees.
pub const BOND_FEES: u64 = 4;
/// The smallest collateral of a verified job, in panel fees.
pub const MIN_COLLATERAL_FEES: u64 = 40;
/// What a panelist that is absent, unsupported or overruled loses, in panel fees; at most its
/// seat's collateral.
pub const LOSS_FEES: u64 = 4;
/// The shortest phase of a dispute.
pub const MIN_PHASE: Seconds = Seconds(120);
/// The longest phase of a dispute.
pub const MAX_PHASE: Seconds = Seconds(86_400);
/// The lowest panel fee, as a rate of the price of the whole timeout: the bond must be large beside
/// the escrow that a client gets back by a false challenge.
pub const MIN_PANEL_FEE: BasisPoints = BasisPoints(2_500);
/// The highest panel fee.
pub const MAX_PANEL_FEE: BasisPoints = BasisPoints(20_000);
/// The lowest ratio of the collateral to the price of the whole timeout.
pub const MIN_COLLATERAL_RATIO: u32 = 10;
/// The highest ratio, so that its product with the price of a job stays in 64 bits.
pub const MAX_COLLATERAL_RATIO: u32 = 10_000;
/// The shortest challenge window of a market that takes verified jobs.
pub const MIN_WINDOW: Seconds = Seconds(60);

/// The most that a lost dispute pays beyond escrow and bond, in panel fees.
pub const MAX_BOUNTY_FEES: u64 = 6;
/// The most that it pays for each second of a phase, in base units: 1 NOS.
pub const MAX_BOUNTY_PER_SECOND: u64 = 1_000_000;

/// Prices of verified jobs are below this: a million NOS a second.
const PRICE_BOUND: u64 = 1 << 40;
/// Timeouts of verified jobs are below this: 48 days.
const TIMEOUT_BOUND: u64 = 1 << 22;
/// Prices of whole timeouts of verified jobs are below this: 140 million NOS, more than there are.
const COST_BOUND: u64 = 1 << 47;

/// The terms of a market for verified jobs. All zero if it takes none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DisputeTerms {
    /// Length of each phase of a dispute.
    pub phase: Seconds,
    /// Fee of a panelist, as a rate of the price of the whole timeout.
    pub panel_fee: BasisPoints,
    /// Smallest ratio of the collateral to the price of the whole timeout.
    pub min_collateral_ratio: u32,
}

/// What a verified job is listed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedTerms {
    /// Fee of a panelist.
    pub panel_fee: Amount,
    /// Smallest collateral of the node.
    pub min_collateral: Amount,
}

impl DisputeTerms {
    /// Returns true if these terms lie in their bounds, with a challenge window of this length. A
    /// market that takes no verified jobs may have any window.
    pub fn are_in_bounds(&self, window: Seconds) -> bool {
        let takes_none = *self == Self::default();
        let has_phase = (MIN_PHASE..=MAX_PHASE).contains(&self.phase);
        let has_fee = (MIN_PANEL_FEE..=MAX_PANEL_FEE).contains(&self.panel_fee);
        let has_ratio =
            (MIN_COLLATERAL_RATIO..=MAX_COLLATERAL_RATIO).contains(&self.min_collateral_ratio);

        takes_none || (has_phase && has_fee && has_ratio && window >= MIN_WINDOW)
    }

    /// Returns what a verified job of this price and timeout is listed with where nodes lock
    /// `collateral` for a job and results can be challenged for `window`; `None` if it cannot be
    /// listed: the market takes no verified jobs, the job is too small for a fee, a phase or the
    /// window is shorter than the timeout, a phase is too short for what a lost dispute pays, or
    /// the collateral is too small.
    ///
    /// Prices, timeouts and their product are bounded first, so that plain products cannot wrap:
    /// checked ones of 64 bits cost the chain's machine thirty times as much.
    pub fn admit_job(
        &self,
        price: Price,
        timeout: Seconds,
        collateral: Amount,
        window: Seconds,
    ) -> Result<Option<VerifiedTerms>, Overflow> {
        if price.0 >= PRICE_BOUND || timeout.0 >= TIMEOUT_BOUND || self.phase > MAX_PHASE {
            return Err(Overflow);
        }
        let cost = price.0.wrapping_mul(timeout.0);
        if cost >= COST_BOUND || self.min_collateral_ratio > MAX_COLLATERAL_RATIO {
            return Err(Overflow);
        }

        let scaled = cost.wrapping_mul(self.panel_fee.0.into());
        let panel_fee = scaled.checked_div(WHOLE_BPS.into()).ok_or(Overflow)?;
        let by_price = cost.wrapping_mul(self.min_collateral_ratio.into());
        let by_fee = panel_fee.wrapping_mul(MIN_COLLATERAL_FEES);
        let min_collateral = by_price.max(by_fee);

        let is_long_enough = timeout <= self.phase && timeout <= window;
        let most = self.phase.0.wrapping_mul(MAX_BOUNTY_PER_SECOND);
        let is_bounded = panel_fee.wrapping_mul(MAX_BOUNTY_FEES) <= most;
        let is_covered = panel_fee > 0 && collateral.0 >= min_collateral;
        let listed =
            VerifiedTerms { panel_fee: Amount(panel_fee), min_collateral: Amount(min_collateral) };
        Ok((is_long_enough && is_bounded && is_covered).then_some(listed))
    }
}

/// Returns the bond that a challenger deposits where a panelist's fee is `panel_fee`.
pub fn bond_amount(panel_fee: Amount) -> Result<Amount, Overflow> {
    panel_fee.checked_times(BOND_FEES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TERMS: DisputeTerms = DisputeTerms {
        phase: Seconds(600),
        panel_fee: BasisPoints(2_500),
        min_collateral_ratio: 20,
    };

    const MUCH: Amount = Amount(u64::MAX);

    #[test]
    fn each_term_has_its_bounds() {
        let window = MIN_WINDOW;
        let fits = |terms: DisputeTerms| terms.are_in_bounds(window);
        assert!(fits(TERMS));
        for phase in [120, 86_400] {
            assert!(fits(DisputeTerms { phase: Seconds(phase), ..TERMS }), "{phase}");
        }
        for phase in [0, 119, 86_401] {
            assert!(!fits(DisputeTerms { phase: Seconds(phase), ..TERMS }), "{phase}");
        }
        for fee in [2_500, 20_000] {
            assert!(fits(DisputeTerms { panel_fee: BasisPoints(fee), ..TERMS }), "{fee}");
        }
        for fee in [0, 2_499, 20_001] {
            assert!(!fits(DisputeTerms { panel_fee: BasisPoints(fee), ..TERMS }), "{fee}");
        }
        assert!(fits(DisputeTerms { min_collateral_ratio: 10, ..TERMS }));
        assert!(fits(DisputeTerms { min_collateral_ratio: 10_000, ..TERMS }));
        assert!(!fits(DisputeTerms { min_collateral_ratio: 9, ..TERMS }));
        assert!(!fits(DisputeTerms { min_collateral_ratio: 10_001, ..TERMS }));
        assert!(!TERMS.are_in_bounds(Seconds(59)));
    }

    #[test]
    fn a_market_without_verified_jobs_needs_no_window() {
        assert!(DisputeTerms::default().are_in_bounds(Seconds(0)));
        let only_ratio = DisputeTerms { min_collateral_ratio: 10, ..DisputeTerms::default() };
        assert!(!only_ratio.are_in_bounds(MIN_WINDOW), "all or none");
    }

    #[test]
    fn a_worked_example() {
        let admit = |collateral| {
            TERMS.admit_job(Price(1_000), Seconds(600), Amount(collateral), Seconds(600)).unwrap()
        };
        let listed =
            VerifiedTerms { panel_fee: Amount(150_000), min_collateral: Amount(12_000_000) };
        assert_eq!(admit(12_000_000), Some(listed));
        assert_eq!(admit(11_999_999), None);
        assert_eq!(bond_amount(Amount(150_000)), Ok(Amount(600_000)));
        assert_eq!(bond_amount(Amount(u64::MAX / 4 + 1)), Err(Overflow));
    }

    #[test]
    fn the_fee_can_require_more_than_the_price() {
        let dear = DisputeTerms { panel_fee: BasisPoints(20_000), ..TERMS };
        let admit = |collateral| {
            dear.admit_job(Price(1_000), Seconds(600), Amount(collateral), Seconds(600))
        };
        // Twice the price of 600,000, and 40 times that.
        let listed =
            VerifiedTerms { panel_fee: Amount(1_200_000), min_collateral: Amount(48_000_000) };
        assert_eq!(admit(48_000_000), Ok(Some(listed)));
        assert_eq!(admit(47_999_999), Ok(None));
    }

    #[test]
    fn no_verified_job_is_free_to_dispute() {
        let none = DisputeTerms::default();
        assert_eq!(none.admit_job(Price(1_000), Seconds(600), MUCH, Seconds(600)), Ok(None));
        assert_eq!(TERMS.admit_job(Price(1), Seconds(3), MUCH, Seconds(600)), Ok(None));
        assert!(TERMS.admit_job(Price(1), Seconds(4), MUCH, Seconds(600)).unwrap().is_some());
    }

    #[test]
    fn a_panelist_has_as_long_as_the_node() {
        let takes = |phase, window, timeout| {
            let terms = DisputeTerms { phase: Seconds(phase), ..TERMS };
            let admitted = terms.admit_job(Price(1_000), Seconds(timeout), MUCH, Seconds(window));
            admitted.unwrap().is_some()
        };
        assert!(takes(600, 600, 600));
        assert!(!takes(600, 600, 601) && takes(601, 601, 601));
        assert!(!takes(599, 600, 600) && !takes(600, 599, 600));
        assert!(!takes(120, 60, 7_200));
    }

    #[test]
    fn keeping_transactions_from_landing_for_a_phase_does_not_pay() {
        // A fee of a quarter of 10 s at the price; six of them for a phase of 120 s: 120 NOS.
        let takes = |price| {
            let terms = DisputeTerms { phase: Seconds(120), ..TERMS };
            terms.admit_job(Price(price), Seconds(10), MUCH, Seconds(60)).unwrap().is_some()
        };
        assert!(takes(8_000_000) && !takes(8_000_001));
        assert_eq!((MAX_BOUNTY_FEES, MAX_BOUNTY_PER_SECOND), (6, 1_000_000));
    }

    #[test]
    fn what_could_wrap_is_refused() {
        let admit = |price, timeout| {
            TERMS.admit_job(Price(price), Seconds(timeout), MUCH, Seconds(600)).is_ok()
        };
        assert!(admit((1 << 40) - 1, 1 << 6) && !admit(1 << 40, 1));
        assert!(admit(1, (1 << 22) - 1) && !admit(1, 1 << 22));
        assert!(admit((1 << 25) - 1, 1 << 21) && !admit(1 << 26, 1 << 21));
        assert!(!admit(u64::MAX, u64::MAX));
        let steep = DisputeTerms { min_collateral_ratio: 10_001, ..TERMS };
        assert_eq!(steep.admit_job(Price(1), Seconds(9), MUCH, Seconds(600)), Err(Overflow));
        let slow = |phase| DisputeTerms { phase: Seconds(phase), ..TERMS };
        assert!(slow(86_400).admit_job(Price(1), Seconds(9), MUCH, Seconds(9)).is_ok());
        let endless = slow(86_401).admit_job(Price(1), Seconds(9), MUCH, Seconds(9));
        assert_eq!(endless, Err(Overflow));
    }

    proptest! {
        #[test]
        fn what_a_conviction_pays_is_less_than_a_sixth_of_the_collateral(
            price in 1..1_u64 << 18, timeout in 1..86_400_u64,
            rate in 2_500..=20_000_u16, ratio in 10..=10_000_u32,
        ) {
            let terms = DisputeTerms {
                panel_fee: BasisPoints(rate),
                min_collateral_ratio: ratio,
                phase: MAX_PHASE,
            };
            let admitted = terms.admit_job(Price(price), Seconds(timeout), MUCH, MAX_PHASE);
            if let Ok(Some(listed)) = admitted {
                prop_assert!(listed.panel_fee.0 * 6 < listed.min_collateral.0 / 6 + 1);
                let cost = u128::from(price) * u128::from(timeout);
                let fee = cost * u128::from(rate) / 10_000;
                let most = (cost * u128::from(ratio)).max(40 * fee);
                prop_assert_eq!(u128::from(listed.panel_fee.0), fee);
                prop_assert_eq!(u128::from(listed.min_collateral.0), most);
                prop_assert!(bond_amount(listed.panel_fee).unwrap() <= listed.min_collateral);
            }
        }
    }
}
