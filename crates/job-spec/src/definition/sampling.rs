//! How a language model chooses the next token of an answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::{DefinitionError, refuse_field};

/// The highest temperature.
pub const MAX_TEMPERATURE: f32 = 2.0;
/// The highest penalty of a repeated token.
pub const MAX_REPEAT_PENALTY: f32 = 2.0;

/// How the next token of an answer is chosen. Without a temperature it is the likeliest one.
///
/// Answers to equal definitions are equal on one device. Devices round differently, so that two
/// nodes can choose different tokens.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SamplingArgs {
    /// Divides the scores of all tokens; higher values make unlikely tokens more frequent. Zero
    /// chooses the likeliest token; defaults to zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 2))]
    pub temperature: Option<f32>,
    /// Only this many of the likeliest tokens; defaults to all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub top_k: Option<u32>,
    /// Only the likeliest tokens that together have this probability; defaults to 1, all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub top_p: Option<f32>,
    /// Only tokens with at least this part of the likeliest token's probability; defaults to zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub min_p: Option<f32>,
    /// Divides the score of a token among the last 64 ones; defaults to 1, no penalty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 2))]
    pub repeat_penalty: Option<f32>,
    /// The seed of the random numbers; defaults to zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
}

impl SamplingArgs {
    /// Validates the ranges. `pointer` is the place of this object in the definition.
    pub(super) fn validate_sampling(&self, pointer: &str) -> Result<(), DefinitionError> {
        let numbers = [
            ("temperature", self.temperature, 0.0, MAX_TEMPERATURE),
            ("top_p", self.top_p, 0.0, 1.0),
            ("min_p", self.min_p, 0.0, 1.0),
            ("repeat_penalty", self.repeat_penalty, 1.0, MAX_REPEAT_PENALTY),
        ];

        for (field, value, min, max) in numbers {
            let Some(value) = value else { continue };
            if !(min..=max).contains(&value) {
                return refuse_field(
                    format!("{pointer}/{field}"),
                    format!("is {value}; {min} to {max} are allowed"),
                );
            }
        }
        if self.top_k == Some(0) {
            return refuse_field(
                format!("{pointer}/top_k"),
                "is 0; leave it out to allow all tokens",
            );
        }
        Ok(())
    }
}
