//! The tokens that a model reads in one step.

use llama_cpp_2::{llama_batch::LlamaBatch, token::LlamaToken};

use crate::EngineError;

/// The most tokens that the model reads in one step.
pub(crate) const BATCH_TOKENS: usize = 512;

/// Adds tokens of a sequence from the position `start`. The model says what follows the last one.
pub(crate) fn add_tokens(
    batch: &mut LlamaBatch<'_>,
    sequence: usize,
    start: usize,
    tokens: &[LlamaToken],
) -> Result<(), EngineError> {
    let fail = |problem: String| EngineError::Device(problem);
    let sequence = i32::try_from(sequence).map_err(|error| fail(error.to_string()))?;

    for (offset, token) in tokens.iter().enumerate() {
        let position = i32::try_from(start + offset).map_err(|error| fail(error.to_string()))?;
        let is_last = offset + 1 == tokens.len();
        batch
            .add(*token, position, &[sequence], is_last)
            .map_err(|error| fail(error.to_string()))?;
    }
    Ok(())
}
