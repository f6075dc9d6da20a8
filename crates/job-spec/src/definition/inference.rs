//! `inference/run`: an AI model that a node runs on its GPU.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{
    checks::check_count,
    error::{DefinitionError, refuse_field},
    output_type::OutputType,
};
use crate::ModelDigest;

/// The most inputs of one operation.
pub const MAX_INPUTS: usize = 64;
/// The longest input, in bytes of UTF-8.
pub const MAX_INPUT_BYTES: usize = 8 * 1024;
/// The longest input of the task `generation`, in bytes of UTF-8. A token has at least one byte, so
/// a prompt of this length fits into the model's context and no node fails on it.
pub const MAX_PROMPT_BYTES: usize = 4 * 1024;
/// The most tokens that a definition can request for an answer.
pub const MAX_TOKENS: u32 = 512;
/// The most tokens of an answer if the definition does not set `max_tokens`.
pub const DEFAULT_MAX_TOKENS: u32 = 64;

/// The arguments of `inference/run`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InferenceArgs {
    /// The model, by the digest of its weights.
    pub model: ModelDigest,
    /// The task that the model does.
    pub task: Task,
    /// The texts that the model reads.
    #[schemars(schema_with = "inputs_schema")]
    pub inputs: Vec<String>,
    /// The most tokens of an answer, for the task `generation` only; defaults to
    /// [`DEFAULT_MAX_TOKENS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_TOKENS))]
    pub max_tokens: Option<u32>,
}

/// A task of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// One vector of unit length for each input; see [`EmbeddingOutput`](crate::EmbeddingOutput).
    Embedding,
    /// One answer for each input, with the likeliest token at each step; see
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

impl Task {
    const fn max_input_bytes(self) -> usize {
        match self {
            Self::Embedding => MAX_INPUT_BYTES,
            Self::Generation => MAX_PROMPT_BYTES,
        }
    }
}

impl InferenceArgs {
    /// The type of the output: each task has its own.
    pub fn output_type(&self) -> OutputType {
        match self.task {
            Task::Embedding => OutputType::Embedding,
            Task::Generation => OutputType::Generation,
        }
    }

    /// Arguments without optional fields.
    pub fn new(model: ModelDigest, task: Task, inputs: Vec<String>) -> Self {
        Self { model, task, inputs, max_tokens: None }
    }

    /// The most tokens of an answer.
    pub fn max_tokens(&self) -> u32 {
        self.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS)
    }

    /// Validates the arguments. `pointer` is their place in the definition.
    pub(super) fn validate_args(&self, pointer: &str) -> Result<(), DefinitionError> {
        self.validate_max_tokens(&format!("{pointer}/max_tokens"))?;
        self.validate_inputs(&format!("{pointer}/inputs"))
    }

    fn validate_max_tokens(&self, pointer: &str) -> Result<(), DefinitionError> {
        match (self.task, self.max_tokens) {
            (Task::Embedding, Some(_)) => {
                refuse_field(pointer, "is allowed with the task `generation` only")
            }
            (Task::Generation, Some(count)) if !(1..=MAX_TOKENS).contains(&count) => {
                refuse_field(pointer, format!("is {count}; 1 to {MAX_TOKENS} are allowed"))
            }
            (Task::Embedding | Task::Generation, _) => Ok(()),
        }
    }

    fn validate_inputs(&self, pointer: &str) -> Result<(), DefinitionError> {
        check_count(pointer, "inputs", self.inputs.len(), MAX_INPUTS)?;

        let max_bytes = self.task.max_input_bytes();

        for (index, input) in self.inputs.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");

            if input.trim().is_empty() {
                return refuse_field(pointer, "is blank; give a text");
            }
            if input.len() > max_bytes {
                return refuse_field(
                    pointer,
                    format!("has {} bytes; at most {max_bytes} are allowed", input.len()),
                );
            }
        }
        Ok(())
    }
}

/// The schema of the inputs.
fn inputs_schema(_: &mut SchemaGenerator) -> Schema {
    let text = json_schema!({ "type": "string", "pattern": r"\S", "maxLength": MAX_INPUT_BYTES });

    json_schema!({ "type": "array", "minItems": 1, "maxItems": MAX_INPUTS, "items": text })
}
