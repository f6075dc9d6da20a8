//! `inference/serve`: an AI model that answers requests over HTTP as long as its service runs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{checks::check_range, error::DefinitionError, inference::Task, model::ModelRef};

/// The most requests that are answered at the same time.
pub const MAX_PARALLEL: u32 = 16;
/// The requests that are answered at the same time if the definition does not set `parallel`.
pub const DEFAULT_PARALLEL: u32 = 4;
/// The fewest tokens of a request with its answer that a definition can set.
pub const MIN_CONTEXT_TOKENS: u32 = 256;
/// The most tokens of a request with its answer.
pub const MAX_CONTEXT_TOKENS: u32 = 131_072;
/// The tokens of a request with its answer if the definition does not set `context_tokens`.
pub const DEFAULT_CONTEXT_TOKENS: u32 = 4_096;

/// The port of a served model, for the job's client. The node's own port is another one.
pub const SERVE_PORT: u16 = 8000;

/// The arguments of `inference/serve`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServeArgs {
    /// The model.
    pub model: ModelRef,
    /// The task that the model does: `generation` serves chats and completions, `embedding` serves
    /// vectors.
    pub task: Task,
    /// How many requests are answered at the same time; others wait. Defaults to
    /// [`DEFAULT_PARALLEL`]. For the task `generation` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_PARALLEL))]
    pub parallel: Option<u32>,
    /// The tokens of a request with its answer, as far as the model reads so many; defaults to
    /// [`DEFAULT_CONTEXT_TOKENS`]. For the task `generation` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = MIN_CONTEXT_TOKENS, max = MAX_CONTEXT_TOKENS))]
    pub context_tokens: Option<u32>,
}

impl ServeArgs {
    /// Arguments without optional fields.
    pub fn new(model: impl Into<ModelRef>, task: Task) -> Self {
        Self { model: model.into(), task, parallel: None, context_tokens: None }
    }

    /// How many requests are answered at the same time.
    pub fn parallel(&self) -> u32 {
        self.parallel.unwrap_or(DEFAULT_PARALLEL)
    }

    /// The tokens of a request with its answer.
    pub fn context_tokens(&self) -> u32 {
        self.context_tokens.unwrap_or(DEFAULT_CONTEXT_TOKENS)
    }

    /// Validates the arguments. `pointer` is their place in the definition.
    pub(super) fn validate_args(&self, pointer: &str) -> Result<(), DefinitionError> {
        self.model.validate_sources(&format!("{pointer}/model"))?;

        let numbers = [
            ("parallel", self.parallel, 1, MAX_PARALLEL),
            ("context_tokens", self.context_tokens, MIN_CONTEXT_TOKENS, MAX_CONTEXT_TOKENS),
        ];
        for (field, value, min, max) in numbers {
            let pointer = format!("{pointer}/{field}");
            self.task.require(&pointer, value.is_some(), Task::Generation)?;
            check_range(&pointer, value.map(u64::from), min.into(), max.into())?;
        }
        Ok(())
    }
}
