//! Shares as rational numbers, kept between two bounds.
//!
//! What a position earns is a sum of fractions whose denominators are the total weights of its
//! time. As one fraction it would have thousands of digits; so each summand is computed exactly and
//! then rounded to 2⁻⁶⁴ of a base unit, once down and once up. The truth lies between, and after a
//! million summands the two are still 10⁻¹³ base units apart.

/// One base unit in the numbers of this module.
pub const UNIT: u128 = 1 << 64;

/// A number between two others, in 2⁻⁶⁴ base units.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exact {
    pub low: u128,
    pub high: u128,
}

impl Exact {
    /// Adds `weight / total` of `amount` base units.
    pub fn add_share(&mut self, amount: u64, weight: u64, total: u64) {
        let product = u128::from(amount) * u128::from(weight);
        let total = u128::from(total);
        let (whole, rest) = (product / total, product % total);
        let (part, left) = ((rest * UNIT) / total, (rest * UNIT) % total);
        self.low += whole * UNIT + part;
        self.high += whole * UNIT + part + u128::from(left > 0);
    }

    /// Adds `part` / `whole` of what `self` has gained since it was `from`, and nothing else.
    pub fn keep_share(&mut self, from: Self, part: u64, whole: u64) {
        let (low, _) = scale(self.low - from.low, part, whole);
        let (high, left) = scale(self.high - from.high, part, whole);
        *self = Self { low: from.low + low, high: from.high + high + u128::from(left) };
    }
}

/// Returns `value` × `part` / `whole`, rounded down, and whether that dropped anything. The product
/// has up to 192 bits, so both halves of `value` are divided on their own. `part` is at most
/// `whole`.
fn scale(value: u128, part: u64, whole: u64) -> (u128, bool) {
    let (part, whole) = (u128::from(part), u128::from(whole));
    let upper = value / UNIT * part;
    let lower = value % UNIT * part;
    let carried = upper % whole * UNIT;

    let rest = lower % whole + carried % whole;
    let sum = upper / whole * UNIT + lower / whole + carried / whole + rest / whole;
    (sum, !rest.is_multiple_of(whole))
}

#[test]
fn parts_of_shares_are_exact() {
    assert_eq!(scale(10, 3, 7), (4, true));
    assert_eq!(scale(14, 3, 7), (6, false));
    assert_eq!(scale(u128::MAX, u64::MAX, u64::MAX), (u128::MAX, false));
    assert_eq!(scale(5 * UNIT + 1, 1, 2), (5 * UNIT / 2, true));

    let mut kept = Exact { low: 30, high: 31 };
    kept.keep_share(Exact { low: 10, high: 10 }, 0, 9);
    assert_eq!((kept.low, kept.high), (10, 10), "nothing of it");
}

#[test]
fn shares_are_bounded_tightly() {
    let mut third = Exact::default();
    third.add_share(1, 1, 3);
    assert_eq!((third.low, third.high), (UNIT / 3, UNIT / 3 + 1));
    third.add_share(u64::MAX / 4, u64::MAX / 2, u64::MAX / 2);
    assert_eq!(
        third.high - UNIT / 3 - 1,
        u128::from(u64::MAX / 4) * UNIT,
        "whole parts have no error"
    );
    assert_eq!(third.high - third.low, 1);
}
