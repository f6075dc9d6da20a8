//! Division of 128 bits by 64, in steps that the chain's machine has instructions for.
//!
//! The compiler's own 128-bit division costs it several hundred compute units; this one about a
//! hundred.

/// The lower half of a word.
const HALF: u64 = u32::MAX as u64;

/// `(high × 2⁶⁴ + low) / divisor` and its remainder; nothing unless `high < divisor`, as the
/// quotient has 64 bits.
///
/// Knuth's algorithm D with two digits of 32 bits (The Art of Computer Programming, volume 2,
/// section 4.3.1): each digit is estimated from the upper half of the normalized divisor, and the
/// estimate is at most two too large. All sums wrap: the algorithm works modulo 2⁶⁴.
pub(crate) fn divide_wide(high: u64, low: u64, divisor: u64) -> Option<(u64, u64)> {
    if high >= divisor {
        return None;
    }
    let shift = divisor.leading_zeros();
    let divisor = divisor.wrapping_shl(shift);
    // In two steps, as a shift by all 64 bits would be none.
    let carried = low.wrapping_shr(1).wrapping_shr(63_u32.wrapping_sub(shift));
    let high = high.wrapping_shl(shift).wrapping_add(carried);
    let low = low.wrapping_shl(shift);
    let (first, rest) = estimate_digit(high, low >> 32_u32, divisor)?;
    let (second, rest) = estimate_digit(rest, low & HALF, divisor)?;
    Some((append_digit(first, second), rest.wrapping_shr(shift)))
}

/// One digit: `(high × 2³² + next) / divisor` and its remainder, for a normalized divisor above
/// `high`.
///
/// Knuth also lowers an estimate of 2³² or more. With `high < divisor` the comparison of the products
/// finds that, too, and they fit in 64 bits: the estimate is at most 2³² + 1.
fn estimate_digit(high: u64, next: u64, divisor: u64) -> Option<(u64, u64)> {
    let (upper, lower) = (divisor >> 32_u32, divisor & HALF);
    let mut quotient = high.checked_div(upper)?;
    let mut rest = high.checked_rem(upper)?;
    while quotient.wrapping_mul(lower) > append_digit(rest, next) {
        quotient = quotient.wrapping_sub(1);
        rest = rest.wrapping_add(upper);
        if u32::try_from(rest).is_err() {
            break;
        }
    }
    Some((quotient, append_digit(high, next).wrapping_sub(quotient.wrapping_mul(divisor))))
}

/// `high × 2³² + digit`.
const fn append_digit(high: u64, digit: u64) -> u64 {
    high.wrapping_shl(32).wrapping_add(digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(high: u64, low: u64, divisor: u64) {
        let dividend = u128::from(high) << 64 | u128::from(low);
        let wide = u128::from(divisor);
        let exact = (high < divisor).then(|| ((dividend / wide) as u64, (dividend % wide) as u64));
        assert_eq!(divide_wide(high, low, divisor), exact, "{high} {low} / {divisor}");
    }

    #[test]
    fn the_edges() {
        let edges = [
            0,
            1,
            2,
            HALF - 1,
            HALF,
            HALF + 1,
            HALF + 2,
            1 << 63,
            (1 << 63) + 1,
            u64::MAX - 1,
            u64::MAX,
        ];
        for high in edges {
            for low in edges {
                for divisor in edges {
                    check(high, low, divisor);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn it_is_the_division(high: u64, low: u64, divisor: u64, a in 0..64_u32, b in 0..64_u32) {
            check(high >> a, low, divisor >> b);
            check((high >> a) % (divisor >> b).max(1), low, divisor >> b);
        }
    }
}
