//! The vocabulary of a model, read without its weights: it splits texts into tokens.

use std::path::Path;

use llama_cpp_2::model::{LlamaModel, params::LlamaModelParams};

use crate::{EngineError, backend::backend};

/// The vocabulary of a model.
pub(crate) struct Vocabulary {
    model: LlamaModel,
}

impl Vocabulary {
    /// Reads the vocabulary in a GGUF file. The weights are not read, so this takes milliseconds.
    pub(crate) fn load(path: &Path) -> Result<Self, EngineError> {
        let fail = |problem: String| EngineError::Weights { path: path.to_owned(), problem };
        // An empty list of devices keeps graphics processors out.
        let params = LlamaModelParams::default()
            .with_vocab_only(true)
            .with_n_gpu_layers(0)
            .with_devices(&[])
            .map_err(|error| fail(error.to_string()))?;

        let model = LlamaModel::load_from_file(backend()?, path, &params)
            .map_err(|error| fail(error.to_string()))?;
        Ok(Self { model })
    }

    /// Counts the tokens that the model reads for a text, with the marks at its ends.
    pub(crate) fn count_tokens(&self, text: &str) -> usize {
        self.model.vocab().tokenize(text.as_bytes(), true, false).len()
    }
}
