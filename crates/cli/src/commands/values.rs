//! Values on the command line: how they are parsed and printed.

use anyhow::Result;
use nosana_protocol::units::BASE_UNITS_PER_NOS;
use serde::Serialize;
use solana_address::Address;

/// Lamports in one SOL.
const LAMPORTS_PER_SOL: u64 = 1_000_000_000;

/// Formats base units as NOS, like the protocol's `Amount`. A sum of many amounts may have more
/// than 64 bits.
pub fn format_nos(base_units: impl Into<u128>) -> String {
    let base_units = base_units.into();
    let base_units_per_nos = u128::from(BASE_UNITS_PER_NOS);

    format!("{}.{:06} NOS", base_units / base_units_per_nos, base_units % base_units_per_nos)
}

/// Formats a weight in base units as xNOS.
pub fn format_xnos(base_units: u64) -> String {
    format_nos(base_units).replace("NOS", "xNOS")
}

/// Formats basis points as a percentage.
pub fn format_bps(bps: u16) -> String {
    format!("{}.{:02} %", bps / 100, bps % 100)
}

/// Formats GPU memory in MiB; zero means that the driver does not report it.
pub fn format_memory(mib: u32) -> String {
    if mib == 0 { "memory unknown".to_owned() } else { format!("{mib} MiB of memory") }
}

/// Formats lamports as SOL.
pub fn format_sol(lamports: u64) -> String {
    format!("{}.{:09} SOL", lamports / LAMPORTS_PER_SOL, lamports % LAMPORTS_PER_SOL)
}

/// Prints one JSON document for programs.
pub fn print_json(value: &impl Serialize) -> Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Parses an argument that is an address.
pub fn parse_address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|_| {
        "not a valid address; a valid one is 9c2p7ntVHfneX7GavH3BUiNLyCPWc363pMoeUoRjGvg3"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use nosana_protocol::units::Amount;

    use super::{format_bps, format_nos, format_xnos, parse_address};

    #[test]
    fn an_invalid_address_is_refused_with_an_example() {
        assert!(parse_address("9c2p7ntVHfneX7GavH3BUiNLyCPWc363pMoeUoRjGvg3").is_ok());
        for text in ["", "foo", "9c2p7ntVHfneX7GavH3BUiNLyCP", "0OIl"] {
            assert!(parse_address(text).unwrap_err().contains("not a valid address"), "{text}");
        }
    }

    #[test]
    fn amounts_have_six_decimals() {
        for amount in [0, 1, 12_345_678, u64::MAX] {
            assert_eq!(format_nos(amount), Amount(amount).to_string());
        }
        assert_eq!(format_nos(u128::from(u64::MAX) * 10), "184467440737095.516150 NOS");
        assert_eq!(format_xnos(12_345_678), "12.345678 xNOS");
        assert_eq!(format_bps(5_001), "50.01 %");
    }
}
