//! The memory that a model needs on a device.

use nosana_job_spec::{InferenceArgs, InferenceInput, MAX_INPUT_BYTES, ServeArgs, Task};

use super::{ModelHeader, value::HeaderValue};
use crate::scheduler::{PARALLEL_ANSWERS, shared_sequences};

/// The bytes of one number in the cache of keys and values: half precision.
const CACHE_NUMBER_BYTES: u64 = 2;
/// The bytes of one number that a layer computes: single precision.
const NUMBER_BYTES: u64 = 4;
/// The most tokens that the model reads in one step.
const STEP_TOKENS: u64 = 512;
/// How many vectors of the model's width each token of a step has at a time, about.
const VECTORS_PER_TOKEN: u64 = 16;

/// The tokens of a chat template around a message, about.
const MARK_TOKENS: u64 = 64;

/// The texts that a model reads at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextSize {
    /// The most tokens of one text, with its answer.
    pub tokens: u64,
    /// How many texts.
    pub sequences: u64,
}

impl ContextSize {
    /// The context for the texts of an operation. A token has at least one byte.
    pub fn for_operation(args: &InferenceArgs) -> Self {
        let longest = args.inputs.iter().map(input_tokens).max().unwrap_or(0);
        let system = args.system.as_ref().map_or(0, String::len);
        let (answer, sequences) = match args.task {
            Task::Embedding => (0, 1),
            Task::Generation => (args.max_tokens(), args.inputs.len().clamp(1, PARALLEL_ANSWERS)),
        };

        let tokens = longest + system as u64 + u64::from(answer) + MARK_TOKENS;
        Self { tokens, sequences: sequences as u64 }
    }

    /// The context for the requests to a served model.
    pub fn for_serving(args: &ServeArgs) -> Self {
        match args.task {
            Task::Embedding => Self { tokens: MAX_INPUT_BYTES as u64 + MARK_TOKENS, sequences: 1 },
            Task::Generation => {
                Self { tokens: args.context_tokens().into(), sequences: args.parallel().into() }
            }
        }
    }

    /// The context that this operation shares with those of other jobs, as far as `limit_bytes` of
    /// memory allow.
    pub fn shared(self, header: &ModelHeader, limit_bytes: u64) -> Self {
        let tokens = usize::try_from(self.tokens).unwrap_or(usize::MAX);
        let most = self.sequences.max(shared_sequences(tokens) as u64);

        let sizes = (self.sequences..=most).rev().map(|sequences| Self { sequences, ..self });
        let mut fitting = sizes.filter(|size| header.needed_bytes(*size) <= limit_bytes);
        fitting.next().unwrap_or(self)
    }

    /// The tokens of all texts.
    pub const fn cells(self) -> u64 {
        self.tokens.saturating_mul(self.sequences)
    }
}

/// The most tokens of an input, without the marks around its last message.
fn input_tokens(input: &InferenceInput) -> u64 {
    let earlier_messages = input.message_count().saturating_sub(1) as u64;
    input.text_bytes() as u64 + earlier_messages * MARK_TOKENS
}

impl ModelHeader {
    /// The memory for the weights, the keys and values of the context's tokens, and the results of
    /// one step, in bytes.
    pub fn needed_bytes(&self, context: ContextSize) -> u64 {
        self.weight_bytes()
            .saturating_add(self.cache_bytes(context))
            .saturating_add(self.step_bytes(context))
    }

    /// The memory for the keys and values of a context.
    fn cache_bytes(&self, context: ContextSize) -> u64 {
        let tokens = self.context_tokens().map_or(context.tokens, |most| context.tokens.min(most));
        let layers = self.find_model_number("block_count").unwrap_or(0);
        let heads = self.find_model_number("attention.head_count").unwrap_or(0);
        let width = self.find_model_number("embedding_length").unwrap_or(0);

        let head_width = width / heads.max(1);
        let key = self.find_model_number("attention.key_length").unwrap_or(head_width);
        let value = self.find_model_number("attention.value_length").unwrap_or(head_width);
        let cached_heads = match self.find_model_value("attention.head_count_kv") {
            Some(HeaderValue::Number(each)) => layers.saturating_mul(*each),
            Some(HeaderValue::Numbers(each)) => {
                each.iter().fold(0, |sum: u64, heads| sum.saturating_add(*heads))
            }
            _ => layers.saturating_mul(heads),
        };

        cached_heads
            .saturating_mul(key.saturating_add(value))
            .saturating_mul(CACHE_NUMBER_BYTES)
            .saturating_mul(tokens)
            .saturating_mul(context.sequences)
    }

    /// The memory for the results of one step: the scores of every word, and vectors.
    fn step_bytes(&self, context: ContextSize) -> u64 {
        let tokens = context.tokens.saturating_mul(context.sequences).min(STEP_TOKENS);
        let words = match self.metadata.get("tokenizer.ggml.tokens") {
            Some(HeaderValue::Length(length)) => *length,
            _ => 0,
        };
        let width = self.find_model_number("embedding_length").unwrap_or(0);

        width
            .saturating_mul(VECTORS_PER_TOKEN)
            .saturating_add(words)
            .saturating_mul(NUMBER_BYTES)
            .saturating_mul(tokens)
    }
}
