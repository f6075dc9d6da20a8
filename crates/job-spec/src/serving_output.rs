//! The output of a served model.

use serde::{Deserialize, Serialize};

/// What a served model did until its service ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServingOutput {
    /// Requests for answers or vectors, refused ones included.
    pub requests: u64,
    /// Those of them that were refused or failed, also in the middle of an answer.
    pub failed_requests: u64,
    /// Tokens that the model read.
    pub prompt_tokens: u64,
    /// Tokens that it generated.
    pub generated_tokens: u64,
}
