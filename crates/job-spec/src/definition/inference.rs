//! `inference/run`: an AI model that a node runs on its GPU.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{
    answer_format::AnswerFormat,
    checks::{check_count, check_max_count, check_range},
    error::{DefinitionError, refuse_field},
    input::{InferenceInput, MAX_INPUT_BYTES, validate_conversation},
    model::ModelRef,
    output_type::OutputType,
    sampling::SamplingArgs,
};

/// The most inputs of one operation.
pub const MAX_INPUTS: usize = 64;
/// The longest input of the task `generation`, in bytes of UTF-8. A token has at least one byte, so
/// a prompt of this length fits into the model's context and no node fails on it.
pub const MAX_PROMPT_BYTES: usize = 4 * 1024;
/// The most tokens that a definition can request for an answer.
pub const MAX_TOKENS: u32 = 512;
/// The most tokens of an answer if the definition does not set `max_tokens`.
pub const DEFAULT_MAX_TOKENS: u32 = 64;

/// The most texts that can end an answer.
pub const MAX_STOP_TEXTS: usize = 8;
/// The longest text that can end an answer, in bytes of UTF-8.
pub const MAX_STOP_BYTES: usize = 64;
/// The most tokens that are reported in the place of each token of an answer.
pub const MAX_LOGPROBS: u32 = 20;

/// The arguments of `inference/run`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InferenceArgs {
    /// The model.
    pub model: ModelRef,
    /// The task that the model does.
    pub task: Task,
    /// What the model reads, and answers each by itself.
    #[schemars(length(min = 1, max = MAX_INPUTS))]
    pub inputs: Vec<InferenceInput>,
    /// The most tokens of an answer, for the task `generation` only; defaults to
    /// [`DEFAULT_MAX_TOKENS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_TOKENS))]
    pub max_tokens: Option<u32>,
    /// For the task `embedding` only: whether a text that is longer than the model reads is cut. By
    /// default it is an error.
    #[serde(default, skip_serializing_if = "is_false")]
    pub truncate: bool,
    /// For the task `generation` only: the message before each input that sets the model's role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = MAX_PROMPT_BYTES))]
    pub system: Option<String>,
    /// For the task `generation` only: how the next token is chosen; defaults to the likeliest one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<SamplingArgs>,
    /// For the task `generation` only: texts that end an answer and are not part of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "stop_schema")]
    pub stop: Vec<String>,
    /// For the task `generation` only: the form that each answer must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<AnswerFormat>,
    /// For the task `generation` only: reports how likely each token of an answer was, and so many
    /// of the likeliest ones in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = MAX_LOGPROBS))]
    pub logprobs: Option<u32>,
}

/// A task of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// One vector of unit length for each input; see [`EmbeddingOutput`](crate::EmbeddingOutput).
    Embedding,
    /// One answer for each input; see [`GenerationOutput`](crate::GenerationOutput).
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
    /// Checks that a field that only `task` has is not set for another one.
    pub(super) fn require(
        self,
        pointer: &str,
        is_set: bool,
        task: Self,
    ) -> Result<(), DefinitionError> {
        match is_set && self != task {
            true => refuse_field(pointer, format!("is allowed with the task `{task}` only")),
            false => Ok(()),
        }
    }

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
    pub fn new<I: Into<InferenceInput>>(
        model: impl Into<ModelRef>,
        task: Task,
        inputs: impl IntoIterator<Item = I>,
    ) -> Self {
        Self {
            model: model.into(),
            task,
            inputs: inputs.into_iter().map(Into::into).collect(),
            max_tokens: None,
            truncate: false,
            system: None,
            sampling: None,
            stop: Vec::new(),
            format: None,
            logprobs: None,
        }
    }

    /// The most tokens of an answer.
    pub fn max_tokens(&self) -> u32 {
        self.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS)
    }

    /// Validates the arguments. `pointer` is their place in the definition.
    pub(super) fn validate_args(&self, pointer: &str) -> Result<(), DefinitionError> {
        self.model.validate_sources(&format!("{pointer}/model"))?;
        self.validate_task_fields(pointer)?;
        check_range(
            &format!("{pointer}/max_tokens"),
            self.max_tokens.map(u64::from),
            1,
            MAX_TOKENS.into(),
        )?;
        self.validate_system(&format!("{pointer}/system"))?;
        if let Some(sampling) = &self.sampling {
            sampling.validate_sampling(&format!("{pointer}/sampling"))?;
        }
        self.validate_stop(&format!("{pointer}/stop"))?;
        if let Some(format) = &self.format {
            format.validate_format(&format!("{pointer}/format"))?;
        }
        check_range(
            &format!("{pointer}/logprobs"),
            self.logprobs.map(u64::from),
            0,
            MAX_LOGPROBS.into(),
        )?;

        self.validate_inputs(&format!("{pointer}/inputs"))
    }

    /// Checks that each field that is set has an effect on this task.
    fn validate_task_fields(&self, pointer: &str) -> Result<(), DefinitionError> {
        let fields = [
            ("truncate", self.truncate, Task::Embedding),
            ("max_tokens", self.max_tokens.is_some(), Task::Generation),
            ("system", self.system.is_some(), Task::Generation),
            ("sampling", self.sampling.is_some(), Task::Generation),
            ("stop", !self.stop.is_empty(), Task::Generation),
            ("format", self.format.is_some(), Task::Generation),
            ("logprobs", self.logprobs.is_some(), Task::Generation),
        ];

        fields.into_iter().try_for_each(|(field, is_set, task)| {
            self.task.require(&format!("{pointer}/{field}"), is_set, task)
        })
    }

    fn validate_system(&self, pointer: &str) -> Result<(), DefinitionError> {
        self.system
            .as_ref()
            .map_or(Ok(()), |system| check_text(pointer.to_owned(), system, MAX_PROMPT_BYTES))
    }

    fn validate_stop(&self, pointer: &str) -> Result<(), DefinitionError> {
        check_max_count(pointer, "texts", self.stop.len(), MAX_STOP_TEXTS)?;

        for (index, stop) in self.stop.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            if stop.is_empty() {
                return refuse_field(pointer, "is empty; give a text");
            }
            if stop.len() > MAX_STOP_BYTES {
                let bytes = stop.len();
                return refuse_field(
                    pointer,
                    format!("has {bytes} bytes; at most {MAX_STOP_BYTES} are allowed"),
                );
            }
        }
        Ok(())
    }

    fn validate_inputs(&self, pointer: &str) -> Result<(), DefinitionError> {
        check_count(pointer, "inputs", self.inputs.len(), MAX_INPUTS)?;

        let max_bytes = self.task.max_input_bytes();

        for (index, input) in self.inputs.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            match (input, self.task) {
                (InferenceInput::Text(text), _) => check_text(pointer, text, max_bytes)?,
                (InferenceInput::Conversation(messages), Task::Generation) => {
                    validate_conversation(&pointer, messages, self.system.is_some())?;
                    check_length(pointer, input.text_bytes(), max_bytes)?;
                }
                (InferenceInput::Conversation(_), Task::Embedding) => {
                    let problem = "is a conversation; the task `embedding` reads texts";
                    return refuse_field(pointer, problem);
                }
            }
        }
        Ok(())
    }
}

fn check_text(pointer: String, text: &str, max_bytes: usize) -> Result<(), DefinitionError> {
    if text.trim().is_empty() {
        return refuse_field(pointer, "is blank; give a text");
    }
    check_length(pointer, text.len(), max_bytes)
}

fn check_length(pointer: String, bytes: usize, max_bytes: usize) -> Result<(), DefinitionError> {
    if bytes > max_bytes {
        return refuse_field(
            pointer,
            format!("has {bytes} bytes; at most {max_bytes} are allowed"),
        );
    }
    Ok(())
}

/// Whether a field has its default, so that the canonical form omits it.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// The schema of the stop texts.
fn stop_schema(_: &mut SchemaGenerator) -> Schema {
    let text = json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX_STOP_BYTES });

    json_schema!({ "type": "array", "maxItems": MAX_STOP_TEXTS, "items": text })
}
