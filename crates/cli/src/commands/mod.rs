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

/// An amount of base units, for people.
pub fn nos(amount: u128) -> String {
    format!("{}.{:06} NOS", amount / 1_000_000, amount % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::nos;

    #[test]
    fn amounts_have_six_decimals() {
        assert_eq!(
            (nos(0), nos(1), nos(12_345_678)),
            ("0.000000 NOS".into(), "0.000001 NOS".into(), "12.345678 NOS".into())
        );
    }
}
