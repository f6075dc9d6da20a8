//! The model that a server serves.

use std::sync::Arc;

use nosana_engine::{Embedder, Generator};
use nosana_job_spec::ModelDigest;

use crate::error::ApiError;

/// The model that a server serves.
#[derive(Clone)]
pub struct ServedModel {
    /// The name by which requests choose it.
    pub name: String,
    /// The digest of its file. Requests can name the model by it, too.
    pub digest: ModelDigest,
    /// The loaded model.
    pub engine: Served,
}

/// A loaded model.
#[derive(Clone)]
pub enum Served {
    /// It answers chats and continues texts.
    Generator(Arc<Generator>),
    /// It turns texts into vectors.
    Embedder(Arc<Embedder>),
}

impl ServedModel {
    /// Whether a request that names `model` means this one.
    pub(crate) fn is_named(&self, model: &str) -> bool {
        model == self.name || model == self.digest.to_string()
    }

    /// The name of this model in the state that seeds depend on.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = self.digest.to_string();
        let hex = digest.trim_start_matches("sha256:");
        format!("fp_{}", hex.get(..12).unwrap_or(hex))
    }

    /// Returns the generator, if a request named `model` can use it.
    pub(crate) fn find_generator(&self, model: &str) -> Result<&Arc<Generator>, ApiError> {
        self.check_name(model)?;

        match &self.engine {
            Served::Generator(generator) => Ok(generator),
            Served::Embedder(_) => Err(ApiError::invalid_field(
                "model",
                format!("`{}` is an embedding model; use POST /v1/embeddings", self.name),
            )),
        }
    }

    /// Returns the embedder, if a request named `model` can use it.
    pub(crate) fn find_embedder(&self, model: &str) -> Result<&Arc<Embedder>, ApiError> {
        self.check_name(model)?;

        match &self.engine {
            Served::Embedder(embedder) => Ok(embedder),
            Served::Generator(_) => Err(ApiError::invalid_field(
                "model",
                format!(
                    "`{}` answers prompts and makes no embeddings; use POST /v1/chat/completions",
                    self.name
                ),
            )),
        }
    }

    fn check_name(&self, model: &str) -> Result<(), ApiError> {
        match self.is_named(model) {
            true => Ok(()),
            false => Err(ApiError::model_not_found(model, &self.name)),
        }
    }
}
