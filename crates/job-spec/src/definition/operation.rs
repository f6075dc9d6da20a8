//! The types of operations, and what differs between them.
//!
//! Every method matches exhaustively, so a new type does not compile until each of them decides
//! about it. Other crates call these methods instead of matching on the type themselves, except
//! where a node runs an operation.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    CommandArgs, CommandLimits, ContainerArgs, DefinitionError, Execution, InferenceArgs,
    ResultRule, container,
};
use crate::MAX_ARTIFACT_BYTES;

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

/// The files that an operation may keep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedArtifacts {
    /// Paths relative to the work folder, or patterns of them.
    pub patterns: Vec<String>,
    /// The most bytes that all files may have together.
    pub max_bytes: u64,
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

    /// Whether the operation ends on its own. A service has only operations that do not.
    pub fn ends_by_itself(&self) -> bool {
        match self {
            Self::InferenceRun { .. } => true,
            Self::CommandRun { .. } | Self::ContainerRun { .. } => false,
        }
    }

    /// The names of the steps that its [`CommandOutput`](crate::CommandOutput) lists; `None` if its
    /// output has another type. A container is one step with the operation's name.
    pub fn step_names(&self) -> Option<Vec<&str>> {
        match self {
            Self::InferenceRun { .. } => None,
            Self::CommandRun { args, .. } => {
                Some(args.steps.iter().map(|step| step.name.as_str()).collect())
            }
            Self::ContainerRun { id, .. } => Some(vec![id]),
        }
    }

    /// The files that its output may list.
    pub fn expected_artifacts(&self) -> ExpectedArtifacts {
        match self {
            Self::InferenceRun { .. } => ExpectedArtifacts::default(),
            Self::CommandRun { args, .. } => ExpectedArtifacts {
                patterns: args.artifacts.clone(),
                max_bytes: args.limits.disk_bytes(),
            },
            Self::ContainerRun { args, .. } => ExpectedArtifacts {
                patterns: args.output.iter().map(|_| CONTAINER_OUTPUT.to_owned()).collect(),
                max_bytes: MAX_ARTIFACT_BYTES,
            },
        }
    }

    /// The limits that the node's sandbox enforces; `None` if the operation runs elsewhere.
    pub fn sandbox_limits(&self) -> Option<&CommandLimits> {
        match self {
            Self::CommandRun { args, .. } => Some(&args.limits),
            Self::InferenceRun { .. } | Self::ContainerRun { .. } => None,
        }
    }

    /// When the operation runs; `None` if operations of its type run in the order of the job.
    pub fn execution(&self) -> Option<&Execution> {
        match self {
            Self::ContainerRun { execution, .. } => Some(execution),
            Self::InferenceRun { .. } | Self::CommandRun { .. } => None,
        }
    }

    /// The arguments of `inference/run`; `None` for other types.
    pub fn inference_args(&self) -> Option<&InferenceArgs> {
        match self {
            Self::InferenceRun { args, .. } => Some(args),
            Self::CommandRun { .. } | Self::ContainerRun { .. } => None,
        }
    }

    /// Validates the arguments. `pointer` is the operation's place in the definition.
    pub(super) fn validate(&self, pointer: &str) -> Result<(), DefinitionError> {
        let args_pointer = format!("{pointer}/args");

        match self {
            Self::InferenceRun { args, .. } => args.validate(&args_pointer),
            Self::CommandRun { args, .. } => args.validate(&args_pointer),
            Self::ContainerRun { args, results, .. } => {
                args.validate(&args_pointer)?;
                container::check_results(&format!("{pointer}/results"), results)
            }
        }
    }
}

/// The one file that a container keeps.
pub const CONTAINER_OUTPUT: &str = "output.tar";
