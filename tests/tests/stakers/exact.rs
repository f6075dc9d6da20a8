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
