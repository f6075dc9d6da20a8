//! Amounts of NOS as people write them.

use std::str::FromStr;

use anyhow::{Context, Error, Result, ensure};
use nosana_protocol::units::NOS_DECIMALS;

/// Base units in one NOS.
const ONE: u64 = 10_u64.pow(NOS_DECIMALS as u32);

/// An amount in base units, written in NOS: `12`, `0.5`, `1000.000001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nos(pub u64);

impl FromStr for Nos {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        ensure!(
            digits(whole) && digits(decimals) && !text.is_empty() && text != ".",
            "write NOS like 12 or 0.5"
        );
        ensure!(decimals.len() <= usize::from(NOS_DECIMALS), "NOS has {NOS_DECIMALS} decimals");
        let number = |text: &str| if text.is_empty() { Ok(0) } else { text.parse::<u64>() };
        let fraction = number(&format!("{decimals:0<6}"))?;
        let base = number(whole)?.checked_mul(ONE).and_then(|base| base.checked_add(fraction));
        base.map(Self).context("so many NOS do not exist")
    }
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
