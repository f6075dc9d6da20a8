//! A model that is loaded on a device.

use std::{num::NonZeroU32, path::Path};

use llama_cpp_2::{
    context::{LlamaContext, params::LlamaContextParams},
    model::LlamaModel,
    token::LlamaToken,
};

use crate::{Device, EngineError, backend::backend, run_settings::RunSettings};

/// A model on a device.
pub(crate) struct LoadedModel {
    model: LlamaModel,
    settings: RunSettings,
}

impl LoadedModel {
    /// Loads the weights of a GGUF file.
    pub(crate) fn load(path: &Path, device: &Device) -> Result<Self, EngineError> {
        let fail = |problem: String| EngineError::Weights { path: path.to_owned(), problem };
        let params = device.model_params()?;

        let model = LlamaModel::load_from_file(backend()?, path, &params)
            .map_err(|error| fail(error.to_string()))?;
        tracing::debug!(path = %path.display(), device = %device.info(), "loaded the model");
        Ok(Self { model, settings: device.settings() })
    }

    pub(crate) const fn model(&self) -> &LlamaModel {
        &self.model
    }

    /// The most tokens that the model reads, as its file states.
    pub(crate) fn context_tokens(&self) -> usize {
        self.model.n_ctx_train() as usize
    }

    /// Creates a context with these parameters, and the settings of the device.
    pub(crate) fn new_context(
        &self,
        params: LlamaContextParams,
    ) -> Result<LlamaContext<'_>, EngineError> {
        self.model
            .new_context(backend()?, self.settings.apply_to(params))
            .map_err(|error| EngineError::Device(error.to_string()))
    }
}

/// The number of a token, as outputs name it.
pub(crate) fn token_id(token: LlamaToken) -> u32 {
    u32::try_from(token.0).unwrap_or(u32::MAX)
}

/// A count for llama.cpp. Zero has another meaning there.
pub(crate) fn nonzero_count(count: usize) -> NonZeroU32 {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)
}
