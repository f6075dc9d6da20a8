//! The job definition: what a client asks to be run.
//!
//! ```json
//! {
//!   "version": "nosana/1",
//!   "ops": [
//!     {
//!       "id": "embed",
//!       "type": "inference/run",
//!       "args": { "model": "sha256:53aa…9db", "task": "embedding", "inputs": ["A sentence."] }
//!     }
//!   ]
//! }
//! ```

mod command;
mod container;
mod limits;
mod matches;
mod path;
mod published;
mod stages;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    command::{
        CommandArgs, CommandInput, MAX_COMMAND_BYTES, MAX_COMMAND_INPUT_BYTES, MAX_COMMAND_INPUTS,
        MAX_ENVIRONMENT_BYTES, MAX_PATTERNS, MAX_STEPS, MAX_VARIABLE_BYTES, MAX_VARIABLES, Run,
        Step,
    },
    container::{
        ContainerArgs, LogStream, MAX_RESULTS, MAX_VOLUMES, ResultRule, StreamRule, Volume,
    },
    limits::{CommandLimits, MAX_OUTPUT_BYTES, MAX_TIMEOUT_SECONDS},
    matches::MAX_MATCHES,
    published::PUBLISHED_VERSION,
    stages::{Execution, stages},
};
pub(crate) use self::{
    command::{MAX_NAME_BYTES, escape},
    container::{IMAGE, MAX_CONTAINER_PATH_BYTES, MAX_IMAGE_BYTES},
    path::MAX_PATH_BYTES,
    published::PublishedDefinition,
};
use crate::ModelDigest;

/// The version of the definitions that this crate understands.
pub const DEFINITION_VERSION: &str = "nosana/1";
/// The most operations in one job.
pub const MAX_OPERATIONS: usize = 16;
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
/// The longest name of an operation, in bytes.
pub(crate) const MAX_ID_BYTES: usize = 64;

/// A job: operations that run one after the other.
///
/// Unknown fields are refused, so that nobody pays for a setting that the node would ignore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JobDefinition {
    /// [`DEFINITION_VERSION`].
    #[schemars(extend("const" = DEFINITION_VERSION))]
    pub version: String,
    /// What to run, in order.
    #[schemars(length(min = 1, max = MAX_OPERATIONS))]
    pub ops: Vec<Operation>,
}

/// One operation, told apart by its `type`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum Operation {
    /// Runs an AI model on the GPU.
    #[serde(rename = "inference/run")]
    InferenceRun {
        /// The operation's name within the job; its result carries the same.
        #[schemars(schema_with = "crate::schema::id")]
        id: String,
        /// What to infer.
        args: InferenceArgs,
    },
    /// Runs commands in a sandbox; see [`CommandOutput`](crate::CommandOutput).
    #[serde(rename = "command/run")]
    CommandRun {
        /// The operation's name within the job; its result carries the same.
        #[schemars(schema_with = "crate::schema::id")]
        id: String,
        /// What to run.
        args: CommandArgs,
    },
    /// Runs a container; see [`CommandOutput`](crate::CommandOutput), which has one step then. A
    /// job has containers alone or none.
    #[serde(rename = "container/run")]
    ContainerRun {
        /// The operation's name within the job; its result carries the same.
        #[schemars(schema_with = "crate::schema::id")]
        id: String,
        /// What to run.
        args: ContainerArgs,
        /// What is taken from the log, by name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        #[schemars(schema_with = "crate::schema::results")]
        results: BTreeMap<String, ResultRule>,
        /// When it runs.
        #[serde(default, skip_serializing_if = "Execution::is_default")]
        execution: Execution,
    },
}

impl Operation {
    /// The operation's name within the job.
    pub fn id(&self) -> &str {
        match self {
            Self::InferenceRun { id, .. }
            | Self::CommandRun { id, .. }
            | Self::ContainerRun { id, .. } => id,
        }
    }
}

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

/// A definition that cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// It is not JSON of the right shape.
    #[error("the job definition cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It was written for other software.
    #[error(
        "/version: `{0}` is not understood; this software runs `{DEFINITION_VERSION}` and `{PUBLISHED_VERSION}`"
    )]
    UnsupportedVersion(String),
    /// A field has a value that is not allowed.
    #[error("{pointer}: {problem}")]
    Invalid {
        /// The field, as a JSON pointer (RFC 6901).
        pointer: String,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
}

impl JobDefinition {
    /// A definition with these operations, in the version of this crate. It is not validated yet.
    pub fn new(ops: Vec<Operation>) -> Self {
        Self { version: DEFINITION_VERSION.into(), ops }
    }

    /// Reads and validates a definition. One of [`PUBLISHED_VERSION`] becomes one of
    /// [`DEFINITION_VERSION`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, DefinitionError> {
        /// The version alone, so that a definition from the future is called that and not
        /// malformed.
        #[derive(Deserialize)]
        struct Versioned {
            version: String,
        }
        let Versioned { version } = serde_json::from_slice(bytes)?;
        if version == PUBLISHED_VERSION {
            return published::read(bytes);
        }
        if version != DEFINITION_VERSION {
            return Err(DefinitionError::UnsupportedVersion(version.chars().take(100).collect()));
        }
        let definition: Self = serde_json::from_slice(bytes)?;
        definition.validate()?;
        Ok(definition)
    }

    /// Checks everything that the types do not: the version, names, counts and lengths.
    pub fn validate(&self) -> Result<(), DefinitionError> {
        if self.version != DEFINITION_VERSION {
            return Err(DefinitionError::UnsupportedVersion(
                self.version.chars().take(100).collect(),
            ));
        }
        check_count("/ops", "operations", self.ops.len(), MAX_OPERATIONS)?;
        let mut ids = HashSet::new();
        for (index, op) in self.ops.iter().enumerate() {
            let pointer = format!("/ops/{index}");
            check_id(&format!("{pointer}/id"), op.id())?;
            if !ids.insert(op.id()) {
                return invalid(
                    format!("{pointer}/id"),
                    format!("`{}` names an earlier operation, too", op.id()),
                );
            }
            match op {
                Operation::InferenceRun { args, .. } => {
                    args.validate(&format!("{pointer}/args"))?
                }
                Operation::CommandRun { args, .. } => args.validate(&format!("{pointer}/args"))?,
                Operation::ContainerRun { args, results, .. } => {
                    args.validate(&format!("{pointer}/args"))?;
                    container::check_results(&format!("{pointer}/results"), results)?;
                }
            }
        }
        stages::check(&self.ops)
    }

    /// Checks, beside [`Self::validate`], that it can be a service: operations that run until they
    /// are ended.
    pub fn validate_service(&self) -> Result<(), DefinitionError> {
        let ends_alone = |op: &Operation| matches!(op, Operation::InferenceRun { .. });
        match self.ops.iter().position(ends_alone) {
            Some(index) => invalid(
                format!("/ops/{index}/type"),
                "ends by itself: a service has commands or containers, list this as a batch job"
                    .into(),
            ),
            None => Ok(()),
        }
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

    fn validate(&self, pointer: &str) -> Result<(), DefinitionError> {
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

fn check_count(pointer: &str, what: &str, count: usize, max: usize) -> Result<(), DefinitionError> {
    if (1..=max).contains(&count) {
        return Ok(());
    }
    invalid(pointer.into(), format!("has {count} {what}; 1 to {max} are allowed"))
}

fn check_id(pointer: &str, id: &str) -> Result<(), DefinitionError> {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    if (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(is_plain) {
        return Ok(());
    }
    invalid(
        pointer.into(),
        format!("must be 1 to {MAX_ID_BYTES} ASCII letters, digits, `-` or `_`"),
    )
}

fn invalid(pointer: String, problem: String) -> Result<(), DefinitionError> {
    Err(DefinitionError::Invalid { pointer, problem })
}
