//! Texts to vectors.

use std::path::Path;

use llama_cpp_2::{
    context::{LlamaContext, params::LlamaContextParams},
    llama_batch::LlamaBatch,
    token::LlamaToken,
};

use crate::{
    Device, EngineError,
    header::check_pooling,
    loaded::{LoadedModel, nonzero_count, token_id},
    long_text::{LongText, cut_tokens, find_end_mark},
    run_settings::RunSettings,
};

/// A model that turns texts into vectors, on a device.
pub struct Embedder {
    loaded: LoadedModel,
}

impl Embedder {
    /// Loads the model from a GGUF file.
    ///
    /// # Errors
    /// If the file is not an embedding model: it must state how the vectors of tokens are pooled to
    /// one.
    pub fn load(path: &Path, device: &Device) -> Result<Self, EngineError> {
        // Such a model cannot read a text in parts: each token attends to those behind it.
        let settings = RunSettings { step_tokens: None, ..device.settings() };
        let loaded = LoadedModel::load(path, &device.with_settings(settings))?;

        let architecture = loaded.model().meta_val_str("general.architecture").unwrap_or_default();
        let pooling = loaded.model().meta_val_str(&format!("{architecture}.pooling_type"));
        let number = pooling.ok().map(|number| number.parse().unwrap_or(u64::MAX));
        check_pooling(number).map_err(|problem| EngineError::Weights {
            path: path.to_owned(),
            problem: problem.to_owned(),
        })?;

        Ok(Self { loaded })
    }

    /// One vector of unit length for each text, in their order.
    ///
    /// Texts go through the network one at a time, so a text's vector does not depend on its
    /// neighbors.
    ///
    /// `may_continue` is called before each text.
    ///
    /// # Errors
    /// If a text is longer than the model reads, unless `long_text` cuts it, and if `may_continue`
    /// returns false: a part of the vectors is not a result.
    pub fn embed(
        &self,
        texts: &[impl AsRef<str>],
        long_text: LongText,
        may_continue: impl Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let read = |text: &str| self.read_text(text, long_text);
        let texts = texts.iter().map(|text| read(text.as_ref())).collect::<Result<Vec<_>, _>>()?;

        let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
        let mut context = self.new_context(longest)?;
        let embed = |tokens: &Vec<LlamaToken>| match may_continue() {
            true => embed_tokens(&mut context, tokens),
            false => Err(EngineError::Stopped),
        };
        texts.iter().map(embed).collect()
    }

    /// The tokens that the network reads for a text, with the marks at its ends.
    pub fn token_ids(&self, text: &str) -> Vec<u32> {
        self.tokenize(text).into_iter().map(token_id).collect()
    }

    /// The most tokens of a text, with the marks at its ends.
    pub fn max_tokens(&self) -> usize {
        self.loaded.context_tokens()
    }

    fn tokenize(&self, text: &str) -> Vec<LlamaToken> {
        self.loaded.model().vocab().tokenize(text.as_bytes(), true, false)
    }

    pub(crate) const fn loaded(&self) -> &LoadedModel {
        &self.loaded
    }

    pub(crate) fn read_text(
        &self,
        text: &str,
        long_text: LongText,
    ) -> Result<Vec<LlamaToken>, EngineError> {
        let mut tokens = self.tokenize(text);
        let room = self.max_tokens();
        if tokens.len() <= room {
            return Ok(tokens);
        }

        match long_text {
            LongText::Refuse => Err(EngineError::TooLong { tokens: tokens.len(), room }),
            LongText::Truncate => {
                let end_mark = find_end_mark(&self.loaded.model().vocab());
                cut_tokens(&mut tokens, room, end_mark);
                Ok(tokens)
            }
        }
    }

    /// Creates a context that reads a text of `tokens` tokens at once.
    fn new_context(&self, tokens: usize) -> Result<LlamaContext<'_>, EngineError> {
        let count = nonzero_count(tokens);
        let params = LlamaContextParams::default()
            .with_embeddings(true)
            .with_n_ctx(Some(count))
            .with_n_batch(count.get())
            .with_n_ubatch(count.get());

        self.loaded.new_context(params)
    }
}

fn embed_tokens(
    context: &mut LlamaContext<'_>,
    tokens: &[LlamaToken],
) -> Result<Vec<f32>, EngineError> {
    let fail = |error: String| EngineError::Device(error);
    let mut batch = LlamaBatch::new(tokens.len().max(1), 1);
    batch.add_sequence(tokens, 0, true).map_err(|error| fail(error.to_string()))?;

    context.clear_kv_cache();
    context.decode(&mut batch).map_err(|error| fail(error.to_string()))?;
    let vector = context.embeddings_seq_ith(0).map_err(|error| fail(error.to_string()))?;
    scale_to_unit(vector)
}

/// Scales a vector to unit length, in double precision.
fn scale_to_unit(vector: &[f32]) -> Result<Vec<f32>, EngineError> {
    let norm = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();

    if !norm.is_finite() || norm == 0.0 {
        return Err(EngineError::WrongResult(format!("a text's vector has length {norm}")));
    }
    Ok(vector.iter().map(|&x| (f64::from(x) / norm) as f32).collect())
}
