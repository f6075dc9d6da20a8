//! xNOS, the weight of a stake, and the release of a stake after unstaking.
//!
//! A stake commits to a cooldown of 14 to 365 days. Its weight, xNOS, grows linearly with the
//! cooldown: one times the amount at zero, four times at a year. Formula and rounding are those of
//! Nosana's first staking program, so that a stake keeps its weight to the base unit.

use crate::{
    Overflow,
    units::{Amount, Seconds},
};

/// The shortest cooldown: 14 days.
pub const MIN_DURATION: Seconds = Seconds(14 * 86_400);
/// The longest cooldown: 365 days.
pub const MAX_DURATION: Seconds = Seconds(365 * 86_400);

/// A third of a year in seconds. Each one adds the amount to the weight once.
const SECONDS_PER_MULTIPLE: u128 = 10_512_000;
const PRECISION: u128 = 1_000_000_000_000_000;

/// Returns the xNOS of `amount` staked for `duration`, in base units: `amount × (1 + duration /
/// 10,512,000 s)`, rounded down.
///
/// The multiplier is rounded down to 15 decimals first, as the first program did.
pub fn stake_weight(amount: Amount, duration: Seconds) -> Result<Amount, Overflow> {
    let multiplier = u128::from(duration.0)
        .checked_mul(PRECISION)
        .and_then(|scaled| scaled.checked_div(SECONDS_PER_MULTIPLE))
        .and_then(|extra| extra.checked_add(PRECISION))
        .ok_or(Overflow)?;
    let weight = multiplier
        .checked_mul(u128::from(amount.0))
        .and_then(|product| product.checked_div(PRECISION))
        .ok_or(Overflow)?;

    u64::try_from(weight).map(Amount).map_err(|_| Overflow)
}

/// Returns the released part of `amount` after `elapsed` of its cooldown: linear, rounded down, all
/// of it at the end.
pub fn released_amount(
    amount: Amount,
    duration: Seconds,
    elapsed: Seconds,
) -> Result<Amount, Overflow> {
    if elapsed >= duration {
        return Ok(amount);
    }
    let released = u128::from(amount.0)
        .checked_mul(u128::from(elapsed.0))
        .and_then(|product| product.checked_div(u128::from(duration.0)))
        .ok_or(Overflow)?;

    u64::try_from(released).map(Amount).map_err(|_| Overflow)
}

/// Returns the amount that the owner may withdraw now: released and not yet withdrawn, but never
/// locked collateral.
pub fn withdrawable_amount(
    released: Amount,
    withdrawn: Amount,
    amount: Amount,
    locked: Amount,
) -> Result<Amount, Overflow> {
    let due = released.0.saturating_sub(withdrawn.0);
    let free = amount.checked_sub(withdrawn)?.checked_sub(locked)?;

    Ok(Amount(due.min(free.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn rows<const N: usize>(text: &str) -> Vec<[u64; N]> {
        let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let rows = value["rows"].as_array().cloned().unwrap_or_default();
        assert!(!rows.is_empty(), "the vectors are there");
        rows.iter()
            .map(|row| core::array::from_fn(|i| row[i].as_u64().unwrap_or(u64::MAX)))
            .collect()
    }

    #[test]
    fn weights_match_the_first_program() {
        for [amount, duration, expected] in rows(include_str!("../vectors/xnos.json")) {
            assert_eq!(
                stake_weight(Amount(amount), Seconds(duration)),
                Ok(Amount(expected)),
                "{amount} for {duration} s"
            );
        }
    }

    #[test]
    fn releases_match_the_vectors() {
        for [amount, in_vault, duration, elapsed, due] in
            rows(include_str!("../vectors/release.json"))
        {
            let amount_released =
                released_amount(Amount(amount), Seconds(duration), Seconds(elapsed))
                    .unwrap_or_default();
            let withdrawn = Amount(amount - in_vault);
            assert_eq!(
                withdrawable_amount(amount_released, withdrawn, Amount(amount), Amount(0)),
                Ok(Amount(due))
            );
        }
    }

    #[test]
    fn a_cooldown_lasts_from_two_weeks_to_a_year() {
        assert_eq!((MIN_DURATION, MAX_DURATION), (Seconds(1_209_600), Seconds(31_536_000)));
    }

    #[test]
    fn locked_stake_stays() {
        assert_eq!(
            withdrawable_amount(Amount(100), Amount(0), Amount(100), Amount(30)),
            Ok(Amount(70))
        );
        assert_eq!(
            withdrawable_amount(Amount(100), Amount(70), Amount(100), Amount(30)),
            Ok(Amount(0))
        );
        assert_eq!(
            withdrawable_amount(Amount(10), Amount(40), Amount(100), Amount(0)),
            Ok(Amount(0)),
            "slashed since"
        );
        assert_eq!(
            withdrawable_amount(Amount(100), Amount(80), Amount(100), Amount(30)),
            Err(Overflow),
            "cannot be"
        );
    }

    #[test]
    fn the_range_is_checked() {
        assert_eq!(stake_weight(Amount(u64::MAX), MAX_DURATION), Err(Overflow));
        assert_eq!(stake_weight(Amount(u64::MAX / 4), MAX_DURATION), Ok(Amount(u64::MAX / 4 * 4)));
        assert_eq!(released_amount(Amount(u64::MAX), Seconds(0), Seconds(0)), Ok(Amount(u64::MAX)));
    }
}
