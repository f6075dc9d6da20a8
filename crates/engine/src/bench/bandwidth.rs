//! The rate at which a device reads weights.

use serde::{Deserialize, Serialize};

use crate::Speed;

/// The rate at which a device reads weights while it generates: its effective memory bandwidth.
///
/// It follows from the speed of generating, and is a lower bound of what the memory can do: for
/// each token, a device also reads keys and values, computes, and waits for the host. On a device
/// whose caches keep a part of the weights between two tokens, it may be more than what the memory
/// can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightBandwidth {
    /// The bytes of the weights that are read for each token.
    pub token_bytes: u64,
    /// The bytes of the weights that are read in a second: `token_bytes` times the tokens generated
    /// in a second.
    pub bytes_per_second: f64,
}

impl WeightBandwidth {
    /// The rate at this speed of generating, if each token reads so many bytes.
    pub fn at_speed(token_bytes: u64, generation: &Speed) -> Self {
        let bytes_per_second = token_bytes as f64 * generation.tokens_per_second;
        Self { token_bytes, bytes_per_second }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generated_token_reads_the_weights_once() {
        let generation = Speed { tokens: 128, median_seconds: 64.0, tokens_per_second: 2.0 };
        let expected = WeightBandwidth { token_bytes: 300, bytes_per_second: 600.0 };
        assert_eq!(WeightBandwidth::at_speed(300, &generation), expected);
    }
}
