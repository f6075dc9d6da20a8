//! How often a client checks results, so that a node that cheats expects a loss.
//!
//! A node that cheats gains at most its pay `R`, and loses `R` and its collateral `S` if it is
//! convicted. With the share `ε` of wrong results that escape a dispute, honesty is better if the
//! client checks `R / ((R + S)(1 − ε))` of its results.

use crate::units::{Amount, BasisPoints, WHOLE_BPS};

/// The share of wrong results that escape a dispute, at most, by which clients count.
pub const ESCAPE_SHARE: BasisPoints = BasisPoints(3_000);
/// All results, as a rate of [`sufficient_check_rate`]: parts of a million.
pub const EVERY_RESULT: u32 = 1_000_000;

/// Returns how many of a million results of this pay a client checks where nodes lock `collateral`:
/// rounded up, and all of them if a node has nothing to lose.
pub fn sufficient_check_rate(pay: Amount, collateral: Amount) -> u32 {
    // 64 by 34 bits, and 65 by 13 bits: neither product overflows.
    let gain = u128::from(pay.0).saturating_mul(EVERY_RESULT.into());
    let gain = gain.saturating_mul(WHOLE_BPS.into());
    let risk = u128::from(pay.0).saturating_add(collateral.0.into());
    let convicted = WHOLE_BPS.saturating_sub(ESCAPE_SHARE.0);
    let loss = risk.saturating_mul(convicted.into());

    let rounded_up = loss.saturating_sub(1).saturating_add(gain);
    let rate = rounded_up.checked_div(loss).and_then(|rate| u32::try_from(rate).ok());
    rate.unwrap_or(EVERY_RESULT).min(EVERY_RESULT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn worked_examples() {
        let rate = |pay, collateral| sufficient_check_rate(Amount(pay), Amount(collateral));
        assert_eq!(rate(600_000, 12_000_000), 68_028, "20 times the pay: 1 / (21 × 0.7)");
        assert_eq!(rate(1, 1), 714_286, "1 / (2 × 0.7), rounded up");
        assert_eq!(rate(1, 0), EVERY_RESULT, "nothing to lose");
        assert_eq!(rate(0, 0), EVERY_RESULT);
        assert_eq!(rate(0, 1), 0, "nothing to gain");
        assert_eq!(rate(u64::MAX, u64::MAX), 714_286);
    }

    proptest! {
        #[test]
        fn a_node_whose_results_are_checked_so_often_loses_by_cheating(
            pay in 1..1_u64 << 47, collateral in 0..1_u64 << 60,
        ) {
            let rate = u128::from(sufficient_check_rate(Amount(pay), Amount(collateral)));
            let whole = u128::from(EVERY_RESULT) * u128::from(WHOLE_BPS);
            let convicted = rate * u128::from(WHOLE_BPS - ESCAPE_SHARE.0);
            let loss = convicted * (u128::from(pay) + u128::from(collateral));
            let gain = u128::from(pay) * whole;
            prop_assert!(loss >= gain || rate == u128::from(EVERY_RESULT));
        }
    }
}
