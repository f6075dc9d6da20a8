//! The subcommands.

pub mod bench;
pub mod completions;
pub mod connection;
pub mod job;
pub mod localnet;
pub mod market;
pub mod node;
pub mod rewards;
mod solana;
pub mod stake;
pub mod store;

use solana_address::Address;

/// An amount of base units, for people.
pub fn nos(amount: u128) -> String {
    format!("{}.{:06} NOS", amount / 1_000_000, amount % 1_000_000)
}

/// An address as an argument.
pub fn address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|_| {
        "it is no address, such as 9c2p7ntVHfneX7GavH3BUiNLyCPWc363pMoeUoRjGvg3".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::{address, nos};

    #[test]
    fn what_is_no_address_is_told_how_one_looks() {
        assert!(address("9c2p7ntVHfneX7GavH3BUiNLyCPWc363pMoeUoRjGvg3").is_ok());
        for text in ["", "foo", "9c2p7ntVHfneX7GavH3BUiNLyCP", "0OIl"] {
            assert!(address(text).unwrap_err().contains("no address"), "{text}");
        }
    }

    #[test]
    fn amounts_have_six_decimals() {
        assert_eq!(
            (nos(0), nos(1), nos(12_345_678)),
            ("0.000000 NOS".into(), "0.000001 NOS".into(), "12.345678 NOS".into())
        );
    }
}
