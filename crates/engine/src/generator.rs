//! Prompts to answers.

use std::path::Path;

use llama_cpp_2::{
    context::{LlamaContext, params::LlamaContextParams},
    llama_batch::LlamaBatch,
    token::LlamaToken,
};

use crate::{
    Device, EngineError,
    answer::Answer,
    chat::ChatTemplate,
    generation::{GeneratedText, GenerationEnd, GenerationOptions},
    loaded::{LoadedModel, nonzero_count, token_id},
};

/// The most answers that are generated at the same time.
pub(crate) const PARALLEL_ANSWERS: usize = 16;
/// llama.cpp rounds the length of a sequence to a multiple of this.
const LENGTH_STEP: usize = 256;
/// The most tokens that the model reads in one step.
const BATCH_TOKENS: usize = 512;

/// A model that answers prompts, on a device.
pub struct Generator {
    loaded: LoadedModel,
    template: ChatTemplate,
}

/// The place of a running answer: `index` is the number of its prompt.
struct Running {
    index: usize,
    answer: Answer,
}

impl Generator {
    /// Loads the model from a GGUF file.
    ///
    /// # Errors
    /// If the file is not a model for prompts: it needs a chat template.
    pub fn load(path: &Path, device: &Device) -> Result<Self, EngineError> {
        let loaded = LoadedModel::load(path, device)?;
        let template = ChatTemplate::from_model(loaded.model())?;
        Ok(Self { loaded, template })
    }

    /// Answers each prompt, several at a time. `may_continue` is called before each step; returning
    /// false stops generation and keeps the texts so far.
    ///
    /// # Errors
    /// If a prompt and its answer together could be longer than the model reads.
    pub fn generate(
        &self,
        prompts: &[String],
        options: &GenerationOptions,
        may_continue: impl Fn() -> bool,
    ) -> Result<Vec<GeneratedText>, EngineError> {
        let questions = prompts
            .iter()
            .map(|prompt| self.encode_prompt(prompt, options))
            .collect::<Result<Vec<_>, _>>()?;

        let longest = questions.iter().map(Vec::len).max().unwrap_or(0);
        let parallel = questions.len().clamp(1, PARALLEL_ANSWERS);
        let mut context = self.new_context(longest + options.max_tokens, parallel)?;

        let mut waiting = questions.into_iter().enumerate();
        let mut running: Vec<Option<Running>> = (0..parallel).map(|_| None).collect();
        let mut finished: Vec<Option<GeneratedText>> = prompts.iter().map(|_| None).collect();

        loop {
            for place in running.iter_mut().filter(|place| place.is_none()) {
                *place = waiting.next().map(|(index, question)| Running {
                    index,
                    answer: Answer::new(
                        question,
                        options.sampling.new_sampler(self.loaded.model(), index),
                    ),
                });
            }
            if running.iter().all(Option::is_none) || !may_continue() {
                break;
            }

            self.run_step(&mut context, &mut running, &mut finished, options)?;
        }

        let unfinished = running.into_iter().flatten();
        for Running { index, answer } in unfinished {
            store_answer(&mut finished, index, answer.finish(GenerationEnd::Interrupted));
        }
        for (index, question) in waiting {
            let answer =
                Answer::new(question, options.sampling.new_sampler(self.loaded.model(), index));
            store_answer(&mut finished, index, answer.finish(GenerationEnd::Interrupted));
        }
        Ok(finished.into_iter().flatten().collect())
    }

    /// Lets the model read the next tokens of every running answer, and appends those that follow.
    fn run_step(
        &self,
        context: &mut LlamaContext<'_>,
        running: &mut [Option<Running>],
        finished: &mut [Option<GeneratedText>],
        options: &GenerationOptions,
    ) -> Result<(), EngineError> {
        let vocab = self.loaded.model().vocab();
        let mut batch = LlamaBatch::new(BATCH_TOKENS, 1);
        let mut outputs = Vec::new();
        let mut room = BATCH_TOKENS;

        for (sequence, place) in running.iter_mut().enumerate() {
            let Some(Running { answer, .. }) = place else { continue };
            let (start, tokens) = answer.take_unread(room);
            let count = tokens.len();
            room -= count;

            add_tokens(&mut batch, sequence, start, tokens)?;
            if count > 0 && answer.is_read() {
                outputs.push((sequence, batch.n_tokens() - 1));
            }
        }
        context.decode(&mut batch).map_err(|error| EngineError::Device(error.to_string()))?;

        for (sequence, output) in outputs {
            let Some(place) = running.get_mut(sequence) else { continue };
            let Some(Running { index, answer }) = place else { continue };
            let token = answer.sampler().sample(context, output);
            let Some(end) = answer.push_token(token, &vocab, options) else { continue };

            let index = *index;
            if let Some(Running { answer, .. }) = place.take() {
                store_answer(finished, index, answer.finish(end));
            }
            clear_sequence(context, sequence)?;
        }
        Ok(())
    }

    /// The tokens that the model reads for `prompt`, if the answer fits behind them.
    fn encode_prompt(
        &self,
        prompt: &str,
        options: &GenerationOptions,
    ) -> Result<Vec<LlamaToken>, EngineError> {
        let vocab = self.loaded.model().vocab();
        let tokens = self.template.encode_prompt(&vocab, options.system.as_deref(), prompt)?;
        let room = self.loaded.context_tokens().saturating_sub(options.max_tokens);

        if tokens.len() > room {
            return Err(EngineError::TooLong { tokens: tokens.len(), room });
        }
        Ok(tokens)
    }

    /// The tokens that the model reads for `prompt`, including the marks of messages.
    pub fn prompt_ids(&self, prompt: &str) -> Result<Vec<u32>, EngineError> {
        let options = GenerationOptions::default();
        Ok(self.encode_prompt(prompt, &options)?.into_iter().map(token_id).collect())
    }

    /// How likely each token is to follow `tokens`, on an unbounded scale.
    pub fn next_logits(&self, tokens: &[u32]) -> Result<Vec<f32>, EngineError> {
        let tokens: Vec<_> =
            tokens.iter().map(|&id| LlamaToken::new(i32::try_from(id).unwrap_or(0))).collect();
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

    /// Creates a context for `parallel` sequences of `tokens` tokens each.
    fn new_context(&self, tokens: usize, parallel: usize) -> Result<LlamaContext<'_>, EngineError> {
        let length = tokens.max(1).next_multiple_of(LENGTH_STEP);
        let params = LlamaContextParams::default()
            .with_n_ctx(Some(nonzero_count(length.saturating_mul(parallel))))
            .with_n_seq_max(nonzero_count(parallel).get())
            .with_n_batch(nonzero_count(BATCH_TOKENS).get())
            .with_n_ubatch(nonzero_count(BATCH_TOKENS).get());

        self.loaded.new_context(params)
    }
}

/// Adds tokens of a sequence from the position `start`. The model says what follows the last one.
fn add_tokens(
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

/// Frees the memory of a sequence for the next prompt.
fn clear_sequence(context: &mut LlamaContext<'_>, sequence: usize) -> Result<(), EngineError> {
    let sequence = u32::try_from(sequence).unwrap_or(u32::MAX);
    let cleared = context.clear_kv_cache_seq(Some(sequence), None, None);

    match cleared {
        Ok(true) => Ok(()),
        Ok(false) => Err(EngineError::Device("its memory cannot be freed".to_owned())),
        Err(error) => Err(EngineError::Device(error.to_string())),
    }
}

fn store_answer(finished: &mut [Option<GeneratedText>], index: usize, answer: GeneratedText) {
    if let Some(place) = finished.get_mut(index) {
        *place = Some(answer);
    }
}
