//! Amounts of NOS as users write them.

use std::str::FromStr;

use anyhow::{Context, Error, Result, ensure};
use nosana_protocol::units::{BASE_UNITS_PER_NOS, NOS_DECIMALS};

/// Error of an amount that no 64-bit number of base units can hold.
pub const AMOUNT_OVERFLOWS: &str = "the amount overflows; give fewer NOS";

/// An amount in base units, written in NOS: `12`, `0.5`, `1000.000001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nos(pub u64);

impl FromStr for Nos {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));

        ensure!(
            is_digits(whole) && is_digits(decimals) && !text.is_empty() && text != ".",
            "not a valid amount; write NOS like `12` or `0.5`"
        );
        ensure!(
            decimals.len() <= usize::from(NOS_DECIMALS),
            "NOS has at most {NOS_DECIMALS} decimals"
        );

        let fraction = parse_number(&format!("{decimals:0<6}"))?;
        let base_units = parse_number(whole)?
            .checked_mul(BASE_UNITS_PER_NOS)
            .and_then(|base_units| base_units.checked_add(fraction));
        base_units.map(Self).context(AMOUNT_OVERFLOWS)
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_number(digits: &str) -> Result<u64> {
    if digits.is_empty() { Ok(0) } else { digits.parse().context(AMOUNT_OVERFLOWS) }
}

#[cfg(test)]
mod tests {
    use super::Nos;

    #[test]
    fn amounts_are_read_to_the_base_unit() {
        for (text, amount) in
            [("12", 12_000_000), ("0.5", 500_000), (".000001", 1), ("7.", 7_000_000), ("0", 0)]
        {
            assert_eq!(text.parse::<Nos>().unwrap(), Nos(amount), "{text}");
        }
        for text in ["", ".", "-1", "1e3", "0.0000001", "1,5", "99999999999999", "+1"] {
            assert!(text.parse::<Nos>().is_err(), "{text}");
        }
    }
}
