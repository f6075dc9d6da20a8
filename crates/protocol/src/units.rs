//! Quantities as types, so that sums of different quantities do not compile.

use core::fmt;

use crate::Overflow;

/// Seconds in a day.
pub const SECONDS_PER_DAY: u64 = 86_400;

/// Decimals of the NOS mint.
pub const NOS_DECIMALS: u8 = 6;

/// Base units in one NOS.
pub const BASE_UNITS_PER_NOS: u64 = 1_000_000;

/// Base units of NOS: 10⁻⁶ NOS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub u64);

/// Base units of NOS per second of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(pub u64);

/// A span of time in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub u64);

impl Seconds {
    /// Returns this span without `part` of it; zero if `part` is longer.
    pub const fn without(self, part: Self) -> Self {
        Self(self.0.saturating_sub(part.0))
    }
}

/// A point in time, in unix seconds of the cluster's Clock sysvar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixTimestamp(pub i64);

/// A rate in basis points: 10,000 are one hundred percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BasisPoints(pub u16);

/// One hundred percent, in basis points.
pub const WHOLE_BPS: u16 = 10_000;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Adds two amounts.
    pub const fn checked_add(self, other: Self) -> Result<Self, Overflow> {
        match self.0.checked_add(other.0) {
            Some(sum) => Ok(Self(sum)),
            None => Err(Overflow),
        }
    }

    /// Returns this amount without `part` of it; zero if `part` is larger.
    pub const fn without(self, part: Self) -> Self {
        Self(self.0.saturating_sub(part.0))
    }

    /// Subtracts `other`. Fails if `other` is larger.
    pub const fn checked_sub(self, other: Self) -> Result<Self, Overflow> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Ok(Self(rest)),
            None => Err(Overflow),
        }
    }

    /// Returns this amount `times` times.
    pub const fn checked_times(self, times: u64) -> Result<Self, Overflow> {
        match checked_product(self.0, times) {
            Some(product) => Ok(Self(product)),
            None => Err(Overflow),
        }
    }

    /// Returns `rate` of this amount, rounded down.
    pub fn apply_rate(self, rate: BasisPoints) -> Result<Self, Overflow> {
        mul_div_u64(self.0, rate.0.into(), WHOLE_BPS.into()).map(Self)
    }
}

/// Returns `value × part / whole`, rounded down, for `part × whole` within 64 bits.
///
/// The products stay in 64 bits, because wider ones cost hundreds of compute units: with `value =
/// q × whole + r` the result is `q × part + r × part / whole`, exactly, and `r < whole`.
pub(crate) fn mul_div_u64(value: u64, part: u64, whole: u64) -> Result<u64, Overflow> {
    let (quotient, rest) =
        value.checked_div(whole).zip(value.checked_rem(whole)).ok_or(Overflow)?;

    let small = checked_product(rest, part).and_then(|product| product.checked_div(whole));
    checked_product(quotient, part)
        .zip(small)
        .and_then(|(large, small)| large.checked_add(small))
        .ok_or(Overflow)
}

/// Returns the product, or `None` if it exceeds 64 bits.
///
/// The product of two numbers of 32 bits never does. The runtime has no instruction that detects an
/// overflow: there, the check alone is a product of 128 bits, which costs ten times as much.
const fn checked_product(left: u64, right: u64) -> Option<u64> {
    if (left | right) >> 32 == 0 {
        return Some(left.wrapping_mul(right));
    }
    left.checked_mul(right)
}

/// Writes NOS with all six decimals: `12.345678 NOS`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.checked_div(BASE_UNITS_PER_NOS).ok_or(fmt::Error)?;
        let rest = self.0.checked_rem(BASE_UNITS_PER_NOS).ok_or(fmt::Error)?;
        write!(f, "{whole}.{rest:06} NOS")
    }
}

impl Price {
    /// Returns the cost of `time`.
    pub const fn cost_of(self, time: Seconds) -> Result<Amount, Overflow> {
        match checked_product(self.0, time.0) {
            Some(cost) => Ok(Amount(cost)),
            None => Err(Overflow),
        }
    }
}

impl UnixTimestamp {
    /// Returns the time `span` later.
    pub const fn checked_add(self, span: Seconds) -> Result<Self, Overflow> {
        match self.0.checked_add_unsigned(span.0) {
            Some(moment) => Ok(Self(moment)),
            None => Err(Overflow),
        }
    }

    /// Returns the seconds since `earlier`; zero if the clock ran backwards.
    pub const fn seconds_since(self, earlier: Self) -> Seconds {
        match self.0.checked_sub(earlier.0) {
            Some(span) if !span.is_negative() => Seconds(span.unsigned_abs()),
            _ => Seconds(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_print_six_decimals() {
        assert_eq!(std::format!("{}", Amount(0)), "0.000000 NOS");
        assert_eq!(std::format!("{}", Amount(12_345_678)), "12.345678 NOS");
        assert_eq!(BASE_UNITS_PER_NOS, 10_u64.pow(NOS_DECIMALS.into()));
    }

    #[test]
    fn share_rounds_down_and_covers_the_range() {
        assert_eq!(Amount(19_999).apply_rate(BasisPoints(1)), Ok(Amount(1)));
        assert_eq!(Amount(9_999).apply_rate(BasisPoints(1)), Ok(Amount(0)));
        assert_eq!(Amount(u64::MAX).apply_rate(BasisPoints(WHOLE_BPS)), Ok(Amount(u64::MAX)));
        assert_eq!(Amount(u64::MAX).apply_rate(BasisPoints(u16::MAX)), Err(Overflow));
    }

    proptest! {
        #[test]
        fn a_product_is_the_checked_one(
            left: u64,
            right: u64,
            left_shift in 0..64_u32,
            right_shift in 0..64_u32,
        ) {
            let (left, right) = (left >> left_shift, right >> right_shift);
            prop_assert_eq!(checked_product(left, right), left.checked_mul(right));
        }

        #[test]
        fn a_fraction_is_exact(value: u64, part in 0..100_000_u64, whole in 1..10_000_000_u64) {
            let exact = u128::from(value) * u128::from(part) / u128::from(whole);
            let expected = u64::try_from(exact).map_err(|_| Overflow);
            prop_assert_eq!(mul_div_u64(value, part, whole), expected);
        }
    }

    #[test]
    fn a_product_beyond_64_bits_is_none() {
        const WIDE: u64 = 1 << 32;
        const NARROW: u64 = WIDE - 1;

        // Both have the same high bit, and zeros below it.
        assert_eq!(checked_product(WIDE, WIDE), None);
        assert_eq!(checked_product(WIDE | 1, WIDE), None);
        assert_eq!(checked_product(u64::MAX, u64::MAX), None);
        assert_eq!(checked_product(WIDE, 1), Some(WIDE));
        assert_eq!(checked_product(1, WIDE), Some(WIDE));
        assert_eq!(checked_product(NARROW, NARROW), Some(0xffff_fffe_0000_0001));
        assert_eq!(checked_product(WIDE, NARROW), Some(NARROW << 32));
        assert_eq!(checked_product(WIDE | 1, NARROW), Some(u64::MAX));
        assert_eq!(checked_product(WIDE | 1, 1 << 31), Some((1 << 63) | (1 << 31)));
        assert_eq!(checked_product(WIDE | 2, NARROW), None);
    }

    #[test]
    fn time_never_runs_backwards() {
        assert_eq!(UnixTimestamp(5).seconds_since(UnixTimestamp(9)), Seconds(0));
        assert_eq!(UnixTimestamp(9).seconds_since(UnixTimestamp(5)), Seconds(4));
        assert_eq!(
            UnixTimestamp(i64::MAX).seconds_since(UnixTimestamp(i64::MIN)),
            Seconds(0),
            "too long to count is not counted"
        );
        assert_eq!(UnixTimestamp(i64::MAX).checked_add(Seconds(1)), Err(Overflow));
    }

    #[test]
    fn cost_is_checked() {
        assert_eq!(Price(3).cost_of(Seconds(7)), Ok(Amount(21)));
        assert_eq!(Price(u64::MAX).cost_of(Seconds(2)), Err(Overflow));
        assert_eq!(Amount(1).checked_sub(Amount(2)), Err(Overflow));
        assert_eq!(Amount(u64::MAX).checked_add(Amount(1)), Err(Overflow));
        assert_eq!(Amount(7).checked_times(3), Ok(Amount(21)));
        assert_eq!(Amount(u64::MAX).checked_times(2), Err(Overflow));
    }
}
