//! A model that answers prompts, with its chat template.

use std::{path::Path, sync::OnceLock};

use llama_cpp_2::{
    context::{
        LlamaContext,
        params::{LlamaContextParams, LlamaPoolingType},
    },
    llama_batch::LlamaBatch,
    model::LlamaModel,
    token::LlamaToken,
    vocab::LlamaVocab,
};
use llguidance::Matcher;
use nosana_job_spec::{AnswerFormat, Message};

use crate::{
    Device, EngineError,
    chat::ChatTemplate,
    format::GrammarCompiler,
    loaded::{LoadedModel, nonzero_count},
    token_batch::{BATCH_TOKENS, add_tokens},
};

/// llama.cpp rounds the length of a sequence to a multiple of this.
const LENGTH_STEP: usize = 256;

/// A model that answers prompts, with its chat template.
pub(crate) struct ChatModel {
    loaded: LoadedModel,
    template: ChatTemplate,
    /// Made when the first format is compiled.
    grammars: OnceLock<GrammarCompiler>,
}

impl ChatModel {
    /// Loads the model from a GGUF file.
    ///
    /// # Errors
    /// If the file is not a model for prompts: it needs a chat template.
    pub(crate) fn load(path: &Path, device: &Device) -> Result<Self, EngineError> {
        let loaded = LoadedModel::load(path, device)?;
        let template = ChatTemplate::from_model(loaded.model())?;
        Ok(Self { loaded, template, grammars: OnceLock::new() })
    }

    pub(crate) const fn weights(&self) -> &LlamaModel {
        self.loaded.model()
    }

    pub(crate) fn vocab(&self) -> LlamaVocab<'_> {
        self.loaded.model().vocab()
    }

    /// The tokens that the model reads for the messages, if an answer of `max_tokens` fits behind
    /// them.
    pub(crate) fn encode_messages(
        &self,
        messages: &[Message],
        max_tokens: usize,
    ) -> Result<Vec<LlamaToken>, EngineError> {
        let tokens = self.template.encode_messages(&self.vocab(), messages)?;
        self.check_room(tokens, max_tokens)
    }

    /// The tokens of a text that the model continues, if `max_tokens` more fit behind them.
    pub(crate) fn encode_text(
        &self,
        text: &str,
        max_tokens: usize,
    ) -> Result<Vec<LlamaToken>, EngineError> {
        let tokens = self.vocab().tokenize(text.as_bytes(), true, false);
        self.check_room(tokens, max_tokens)
    }

    fn check_room(
        &self,
        tokens: Vec<LlamaToken>,
        max_tokens: usize,
    ) -> Result<Vec<LlamaToken>, EngineError> {
        let room = self.max_tokens().saturating_sub(max_tokens);

        if tokens.is_empty() {
            return Err(EngineError::EmptyPrompt);
        }
        if tokens.len() > room {
            return Err(EngineError::TooLong { tokens: tokens.len(), room });
        }
        Ok(tokens)
    }

    /// The most tokens of a prompt with its answer.
    pub(crate) fn max_tokens(&self) -> usize {
        self.loaded.context_tokens()
    }

    /// Compiles the form that one answer must have.
    pub(crate) fn compile_format(&self, format: &AnswerFormat) -> Result<Matcher, EngineError> {
        let compiler = match self.grammars.get() {
            Some(compiler) => compiler,
            None => {
                let compiler = GrammarCompiler::for_model(self.weights())?;
                self.grammars.get_or_init(|| compiler)
            }
        };

        compiler.compile(format)
    }

    /// How likely each token is to follow `tokens`, on an unbounded scale.
    pub(crate) fn next_logits(&self, tokens: &[LlamaToken]) -> Result<Vec<f32>, EngineError> {
        let mut context = self.new_context(tokens.len(), 1)?;

        let mut last = 0;
        for (chunk, number) in tokens.chunks(BATCH_TOKENS).zip(0..) {
            let mut batch = LlamaBatch::new(BATCH_TOKENS, 1);
            add_tokens(&mut batch, 0, number * BATCH_TOKENS, chunk)?;
            context.decode(&mut batch).map_err(|error| EngineError::Device(error.to_string()))?;
            last = batch.n_tokens() - 1;
        }
        Ok(context.get_logits_ith(last).to_vec())
    }

    /// Creates a context for one sequence that keeps the state of every token.
    pub(crate) fn new_state_context(&self, tokens: usize) -> Result<LlamaContext<'_>, EngineError> {
        let params = context_params(tokens, 1)
            .with_embeddings(true)
            .with_pooling_type(LlamaPoolingType::None);
        self.loaded.new_context(params)
    }

    /// Creates a context for so many sequences of `tokens` tokens.
    pub(crate) fn new_context(
        &self,
        tokens: usize,
        sequences: usize,
    ) -> Result<LlamaContext<'_>, EngineError> {
        self.loaded.new_context(context_params(tokens, sequences))
    }
}

fn context_params(tokens: usize, sequences: usize) -> LlamaContextParams {
    let length = context_length(tokens);

    LlamaContextParams::default()
        .with_n_ctx(Some(nonzero_count(length.saturating_mul(sequences))))
        .with_n_seq_max(nonzero_count(sequences).get())
        .with_n_batch(nonzero_count(BATCH_TOKENS).get())
        .with_n_ubatch(nonzero_count(BATCH_TOKENS).get())
}

/// The cells of a sequence that has room for `tokens` tokens.
pub(crate) fn context_length(tokens: usize) -> usize {
    tokens.max(1).next_multiple_of(LENGTH_STEP)
}
