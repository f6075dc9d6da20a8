//! Texts to vectors.

use std::fs;
use std::path::Path;

use burn::tensor::{Int, Tensor, TensorData};
use tokenizers::{Tokenizer, TruncationParams};

use crate::error::{io_error, tokenizer_error};
use crate::minilm::{DIMENSIONS, MiniLm};
use crate::models::{ALL_MINILM_L6_V2, TOKENIZER};
use crate::weights::Weights;
use crate::{EngineError, Gpu};

/// The longest text, in tokens, including the two that mark its ends; the rest is cut off. The
/// model was trained with this length.
pub const MAX_TEXT_TOKENS: usize = 256;

/// all-MiniLM-L6-v2, loaded on a graphics device.
pub struct Embedder {
    tokenizer: Tokenizer,
    network: MiniLm,
    gpu: Gpu,
}

impl Embedder {
    /// Loads the model from a folder that [`ModelStore::ensure`](crate::ModelStore::ensure)
    /// returned.
    pub fn load(model_folder: &Path, gpu: &Gpu) -> Result<Self, EngineError> {
        let tokenizer_path = model_folder.join(TOKENIZER);
        let mut tokenizer = Tokenizer::from_file(&tokenizer_path).map_err(tokenizer_error)?;

        let truncation = TruncationParams { max_length: MAX_TEXT_TOKENS, ..Default::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(tokenizer_error)?;
        // With padding, a text's vector would depend on the other texts.
        tokenizer.with_padding(None);

        let weights_path = model_folder.join(ALL_MINILM_L6_V2.weights.name);
        let bytes = fs::read(&weights_path).map_err(io_error("read", &weights_path))?;
        let weights = Weights::parse(&bytes, &weights_path, gpu.tensor_device())?;
        let network = MiniLm::from_weights(&weights)?;
        gpu.wait_idle()?;

        Ok(Self { tokenizer, network, gpu: gpu.clone() })
    }

    /// One vector of unit length for each text, in their order.
    ///
    /// Texts go through the network one at a time, so a text's vector does not depend on its
    /// neighbors.
    pub fn embed(&self, texts: &[String]) -> Result<Vec<[f32; DIMENSIONS]>, EngineError> {
        texts.iter().map(|text| self.embed_one(text)).collect()
    }

    /// The vector of one text.
    pub fn embed_one(&self, text: &str) -> Result<[f32; DIMENSIONS], EngineError> {
        let tokens: Vec<i32> = self.token_ids(text)?.into_iter().map(|id| id as i32).collect();
        let shape = [1, tokens.len()];
        let tokens =
            Tensor::<2, Int>::from_data(TensorData::new(tokens, shape), self.gpu.tensor_device());

        let mean = self
            .network
            .mean_vector(tokens)
            .try_into_data()
            .map_err(|error| EngineError::Device(error.to_string()))?;
        let mean =
            mean.as_slice::<f32>().map_err(|error| EngineError::Device(format!("{error:?}")))?;

        scale_to_unit(mean)
    }

    /// The tokens that the network reads for a text.
    pub fn token_ids(&self, text: &str) -> Result<Vec<u32>, EngineError> {
        Ok(self.tokenizer.encode(text, true).map_err(tokenizer_error)?.get_ids().to_vec())
    }
}

/// Scales a vector to unit length, in double precision.
fn scale_to_unit(vector: &[f32]) -> Result<[f32; DIMENSIONS], EngineError> {
    let norm = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();

    if !norm.is_finite() || norm == 0.0 {
        return Err(EngineError::WrongResult(format!("a sentence's vector has length {norm}")));
    }

    let scaled: Vec<f32> = vector.iter().map(|&x| (f64::from(x) / norm) as f32).collect();
    scaled.try_into().map_err(|other: Vec<f32>| {
        EngineError::WrongResult(format!("a vector has {} components", other.len()))
    })
}
