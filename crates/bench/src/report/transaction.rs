//! One transaction of a demo, and the median of a quantity.

use nosana_client::Receipt;
use serde::Serialize;

/// A confirmed transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Transaction {
    /// Its instruction.
    pub instruction: String,
    /// Its signature.
    pub signature: String,
    /// The slot of its block.
    pub slot: u64,
    /// The compute units used.
    pub compute_units: u64,
    /// The fee in lamports, without rent.
    pub fee_lamports: u64,
    /// Milliseconds from the call to the confirmation, simulation included.
    pub latency_ms: u64,
}

impl Transaction {
    /// The transaction with this receipt.
    pub fn new(instruction: &str, receipt: &Receipt) -> Self {
        Self {
            instruction: instruction.to_owned(),
            signature: receipt.signature.to_string(),
            slot: receipt.slot,
            compute_units: receipt.compute_units,
            fee_lamports: receipt.fee_lamports,
            latency_ms: u64::try_from(receipt.latency.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// Returns the median, the lower one of two; 0 if there are no values.
pub fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_of_none_one_and_two() {
        assert_eq!(median(vec![]), 0);
        assert_eq!(median(vec![5]), 5);
        assert_eq!(median(vec![9, 5]), 5);
    }
}
