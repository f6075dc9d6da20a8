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
mod inference;
mod limits;
mod matches;
mod operation;
mod path;
mod published;
mod stages;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::HashSet;

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
    inference::{
        DEFAULT_MAX_TOKENS, InferenceArgs, MAX_INPUT_BYTES, MAX_INPUTS, MAX_PROMPT_BYTES,
        MAX_TOKENS, Task,
    },
    limits::{CommandLimits, MAX_OUTPUT_BYTES, MAX_TIMEOUT_SECONDS},
    matches::MAX_MATCHES,
    operation::{CONTAINER_OUTPUT, ExpectedArtifacts, Operation},
    published::PUBLISHED_VERSION,
    stages::{Execution, stages},
};
pub(crate) use self::{
    command::{MAX_NAME_BYTES, escape},
    container::{IMAGE, MAX_CONTAINER_PATH_BYTES, MAX_IMAGE_BYTES},
    path::MAX_PATH_BYTES,
    published::PublishedDefinition,
};

/// The version of the definitions that this crate understands.
pub const DEFINITION_VERSION: &str = "nosana/1";
/// The most operations in one job.
pub const MAX_OPERATIONS: usize = 16;
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
            op.validate(&pointer)?;
        }
        stages::check(&self.ops)
    }

    /// Checks, beside [`Self::validate`], that it can be a service: operations that run until they
    /// are ended.
    pub fn validate_service(&self) -> Result<(), DefinitionError> {
        match self.ops.iter().position(Operation::ends_by_itself) {
            Some(index) => invalid(
                format!("/ops/{index}/type"),
                "ends by itself: a service has commands or containers, list this as a batch job"
                    .into(),
            ),
            None => Ok(()),
        }
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
