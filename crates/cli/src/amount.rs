//! Amounts of NOS and SOL as users write them.

use std::str::FromStr;

use anyhow::{Context, Error, Result, ensure};
use nosana_protocol::units::NOS_DECIMALS;

/// Error of an amount that no 64-bit number of base units can hold.
pub const AMOUNT_OVERFLOWS: &str = "the amount overflows; give less";
/// Decimals of SOL.
const SOL_DECIMALS: u8 = 9;

/// An amount in base units, written in NOS: `12`, `0.5`, `1000.000001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nos(pub u64);

/// An amount in lamports, written in SOL: `1`, `0.05`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sol(pub u64);

impl FromStr for Nos {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse_amount(text, "NOS", NOS_DECIMALS).map(Self)
    }
}

impl FromStr for Sol {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse_amount(text, "SOL", SOL_DECIMALS).map(Self)
    }
}

/// Parses an amount of a token with this many decimals, to its smallest unit.
fn parse_amount(text: &str, token: &str, max_decimals: u8) -> Result<u64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let max_decimals = usize::from(max_decimals);

    ensure!(
        is_digits(whole) && is_digits(decimals) && !text.is_empty() && text != ".",
        "not a valid amount; write {token} like `12` or `0.5`"
    );
    ensure!(decimals.len() <= max_decimals, "{token} has at most {max_decimals} decimals");

    // The digits of the smallest unit: those of the whole, then the decimals with zeros behind.
    parse_number(&format!("{whole}{decimals:0<max_decimals$}"))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_number(digits: &str) -> Result<u64> {
    digits.parse().context(AMOUNT_OVERFLOWS)
}

#[cfg(test)]
mod tests {
    use super::{Nos, Sol};

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
        assert_eq!("18446744073709.551615".parse::<Nos>().unwrap(), Nos(u64::MAX));
        assert!("18446744073709.551616".parse::<Nos>().is_err());
        assert_eq!("0.05".parse::<Sol>().unwrap(), Sol(50_000_000));
        assert!("0.0000000001".parse::<Sol>().is_err());
    }
}
