//! A text read once by an embedding model, with the states before they are pooled.

use llama_cpp_2::{
    context::params::{LlamaContextParams, LlamaPoolingType},
    llama_batch::LlamaBatch,
};

use super::state_places;
use crate::{Embedder, EngineError, LongText, loaded::nonzero_count};

/// How a text looks to an embedding model.
#[derive(Clone, Debug, PartialEq)]
pub struct TextEvidence {
    /// The states of the tokens at eight places, before they are pooled to a vector.
    pub states: Vec<Vec<f32>>,
}

impl Embedder {
    /// Reads a text, and returns the states of its tokens at eight places.
    ///
    /// # Errors
    /// If the text is longer than the model reads, unless `long_text` cuts it.
    pub fn check_text(&self, text: &str, long_text: LongText) -> Result<TextEvidence, EngineError> {
        let fail = |error: String| EngineError::Device(error);
        let tokens = self.read_text(text, long_text)?;
        let count = nonzero_count(tokens.len());
        let params = LlamaContextParams::default()
            .with_embeddings(true)
            .with_pooling_type(LlamaPoolingType::None)
            .with_n_ctx(Some(count))
            .with_n_batch(count.get())
            .with_n_ubatch(count.get());
        let mut context = self.loaded().new_context(params)?;

        let mut batch = LlamaBatch::new(tokens.len().max(1), 1);
        batch.add_sequence(&tokens, 0, true).map_err(|error| fail(error.to_string()))?;
        context.decode(&mut batch).map_err(|error| fail(error.to_string()))?;

        let state = |place: usize| {
            let row = i32::try_from(place).unwrap_or(i32::MAX);
            let state = context.embeddings_ith(row).map_err(|error| fail(error.to_string()))?;
            Ok(state.to_vec())
        };
        let states = state_places(tokens.len()).map(state).collect::<Result<_, EngineError>>()?;
        Ok(TextEvidence { states })
    }
}
