//! The arguments of `inference/run`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DefinitionError, check_count, invalid};
use crate::ModelDigest;

/// The most inputs of one operation.
pub const MAX_INPUTS: usize = 64;
/// The longest input, in bytes of UTF-8.
pub const MAX_INPUT_BYTES: usize = 8 * 1024;
/// The longest input of the task `generation`, in bytes of UTF-8. A token has at least one, so what
/// is listed can be read: a node that found it too long would have failed.
pub const MAX_PROMPT_BYTES: usize = 4 * 1024;
/// The most tokens that an answer may be asked to have.
pub const MAX_TOKENS: u32 = 512;
/// The most tokens of an answer where nothing is said.
pub const DEFAULT_MAX_TOKENS: u32 = 64;

/// The arguments of `inference/run`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InferenceArgs {
    /// The model, by the digest of its weights.
    pub model: ModelDigest,
    /// What the model is to do.
    pub task: Task,
    /// The texts to do it with.
    #[schemars(schema_with = "crate::schema::texts")]
    pub inputs: Vec<String>,
    /// The most tokens of an answer, with the task `generation` only; [`DEFAULT_MAX_TOKENS`] if it
    /// is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_TOKENS))]
    pub max_tokens: Option<u32>,
}

/// What a model can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// One vector of unit length for each input; see [`EmbeddingOutput`](crate::EmbeddingOutput).
    Embedding,
    /// One answer for each input, the likeliest token at each step; see
    /// [`GenerationOutput`](crate::GenerationOutput).
    Generation,
}

/// Writes the name that definitions use.
impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedding => "embedding",
            Self::Generation => "generation",
        })
    }
}

impl InferenceArgs {
    /// An operation on these texts, with nothing else said.
    pub fn new(model: ModelDigest, task: Task, inputs: Vec<String>) -> Self {
        Self { model, task, inputs, max_tokens: None }
    }

    /// The most tokens of an answer.
    pub fn max_tokens(&self) -> u32 {
        self.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS)
    }

    pub(super) fn validate(&self, pointer: &str) -> Result<(), DefinitionError> {
        let tokens = format!("{pointer}/max_tokens");
        match (self.task, self.max_tokens) {
            (Task::Embedding, Some(_)) => {
                return invalid(tokens, "goes with the task `generation` only".into());
            }
            (Task::Generation, Some(count)) if !(1..=MAX_TOKENS).contains(&count) => {
                return invalid(tokens, format!("is {count}; 1 to {MAX_TOKENS} are allowed"));
            }
            _ => {}
        }
        check_count(&format!("{pointer}/inputs"), "inputs", self.inputs.len(), MAX_INPUTS)?;
        let longest =
            if self.task == Task::Generation { MAX_PROMPT_BYTES } else { MAX_INPUT_BYTES };
        for (index, input) in self.inputs.iter().enumerate() {
            if input.trim().is_empty() {
                return invalid(
                    format!("{pointer}/inputs/{index}"),
                    "is blank; give a text".into(),
                );
            }
            if input.len() > longest {
                let problem = format!("has {} bytes; at most {longest} are allowed", input.len());
                return invalid(format!("{pointer}/inputs/{index}"), problem);
            }
        }
        Ok(())
    }
}
