//! The types of operations, and what differs between them.
//!
//! Every method matches exhaustively, so a new type does not compile until each method handles it.
//! What belongs to one type is in that type's file; the methods here call it. Other crates call
//! these methods instead of matching on the type themselves, except where a node runs an operation.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    artifacts::ExpectedArtifacts,
    command::CommandArgs,
    container::ContainerArgs,
    error::DefinitionError,
    execution::Execution,
    expose::ExposedPort,
    id::id_schema,
    inference::InferenceArgs,
    limits::CommandLimits,
    output_type::OutputType,
    result_rule::{ResultRule, check_results, results_schema},
    serve::{SERVE_PORT, ServeArgs},
};
use crate::ContentId;

/// One operation. Its `type` selects the variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum Operation {
    /// Runs an AI model on the GPU.
    #[serde(rename = "inference/run")]
    InferenceRun {
        /// The operation's name within the job; its result has the same name.
        #[schemars(schema_with = "id_schema")]
        id: String,
        /// The model, its task and its inputs.
        args: InferenceArgs,
    },
    /// Serves an AI model over HTTP until the service ends; see
    /// [`ServingOutput`](crate::ServingOutput). Only a service can have it.
    #[serde(rename = "inference/serve")]
    InferenceServe {
        /// The operation's name within the job; its result has the same name.
        #[schemars(schema_with = "id_schema")]
        id: String,
        /// The model, its task and what it can answer at the same time.
        args: ServeArgs,
    },
    /// Runs commands in a sandbox; see [`CommandOutput`](crate::CommandOutput).
    #[serde(rename = "command/run")]
    CommandRun {
        /// The operation's name within the job; its result has the same name.
        #[schemars(schema_with = "id_schema")]
        id: String,
        /// The commands, their inputs and their limits.
        args: CommandArgs,
    },
    /// Runs a container; see [`CommandOutput`](crate::CommandOutput), which then has one step.
    /// Containers cannot be combined with other types in one job.
    #[serde(rename = "container/run")]
    ContainerRun {
        /// The operation's name within the job; its result has the same name.
        #[schemars(schema_with = "id_schema")]
        id: String,
        /// The image, the command and its limits.
        args: ContainerArgs,
        /// What is taken from the log, by name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        #[schemars(schema_with = "results_schema")]
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
            | Self::InferenceServe { id, .. }
            | Self::CommandRun { id, .. }
            | Self::ContainerRun { id, .. } => id,
        }
    }

    /// Whether the operation ends on its own. A service has only operations that do not.
    pub fn ends_by_itself(&self) -> bool {
        match self {
            Self::InferenceRun { .. } => true,
            Self::InferenceServe { .. } | Self::CommandRun { .. } | Self::ContainerRun { .. } => {
                false
            }
        }
    }

    /// Whether a job that is not a service can have the operation: it can end before it is stopped.
    pub fn fits_batch(&self) -> bool {
        match self {
            Self::InferenceRun { .. } | Self::CommandRun { .. } | Self::ContainerRun { .. } => true,
            Self::InferenceServe { .. } => false,
        }
    }

    /// Whether it begins again whenever it ends, and nothing in the job stops it.
    pub(super) fn is_endless(&self) -> bool {
        let is_endless = self.container_args().is_some_and(|args| args.restart_policy.is_endless());
        is_endless && self.served_operations().is_empty()
    }

    /// The content in the store that it reads.
    pub fn input_contents(&self) -> Vec<ContentId> {
        match self {
            Self::InferenceRun { .. } | Self::InferenceServe { .. } | Self::ContainerRun { .. } => {
                Vec::new()
            }
            Self::CommandRun { args, .. } => {
                args.inputs.iter().map(|input| input.content).collect()
            }
        }
    }

    /// The type of its output.
    pub fn output_type(&self) -> OutputType {
        match self {
            Self::InferenceRun { args, .. } => args.output_type(),
            Self::InferenceServe { .. } => OutputType::Serving,
            Self::CommandRun { .. } | Self::ContainerRun { .. } => OutputType::Command,
        }
    }

    /// The names of the steps that its [`CommandOutput`](crate::CommandOutput) lists; `None` if its
    /// output has another type. A container is one step with the operation's name.
    pub fn step_names(&self) -> Option<Vec<&str>> {
        match self {
            Self::InferenceRun { .. } | Self::InferenceServe { .. } => None,
            Self::CommandRun { args, .. } => Some(args.step_names()),
            Self::ContainerRun { id, .. } => Some(vec![id]),
        }
    }

    /// The artifacts that its output may list.
    pub fn expected_artifacts(&self) -> ExpectedArtifacts {
        match self {
            Self::InferenceRun { .. } | Self::InferenceServe { .. } => ExpectedArtifacts::default(),
            Self::CommandRun { args, .. } => args.expected_artifacts(),
            Self::ContainerRun { args, .. } => args.expected_artifacts(),
        }
    }

    /// The limits that the node's sandbox enforces; `None` if the operation runs elsewhere.
    pub fn sandbox_limits(&self) -> Option<&CommandLimits> {
        match self {
            Self::CommandRun { args, .. } => Some(&args.limits),
            Self::InferenceRun { .. } | Self::InferenceServe { .. } | Self::ContainerRun { .. } => {
                None
            }
        }
    }

    /// When the operation runs; `None` if operations of its type run in the order of the job.
    pub fn execution(&self) -> Option<&Execution> {
        match self {
            Self::ContainerRun { execution, .. } => Some(execution),
            Self::InferenceRun { .. } | Self::InferenceServe { .. } | Self::CommandRun { .. } => {
                None
            }
        }
    }

    /// The names of the operations that this one serves: it begins before them, and is stopped once
    /// all of them have ended.
    pub fn served_operations(&self) -> &[String] {
        self.execution().map(Execution::served_operations).unwrap_or_default()
    }

    /// The arguments of `inference/run`; `None` for other types.
    pub fn inference_args(&self) -> Option<&InferenceArgs> {
        match self {
            Self::InferenceRun { args, .. } => Some(args),
            Self::InferenceServe { .. } | Self::CommandRun { .. } | Self::ContainerRun { .. } => {
                None
            }
        }
    }

    /// The arguments of `inference/serve`; `None` for other types.
    pub fn serving_args(&self) -> Option<&ServeArgs> {
        match self {
            Self::InferenceServe { args, .. } => Some(args),
            Self::InferenceRun { .. } | Self::CommandRun { .. } | Self::ContainerRun { .. } => None,
        }
    }

    /// The arguments of `container/run`; `None` for other types.
    pub fn container_args(&self) -> Option<&ContainerArgs> {
        match self {
            Self::ContainerRun { args, .. } => Some(args),
            Self::InferenceRun { .. } | Self::InferenceServe { .. } | Self::CommandRun { .. } => {
                None
            }
        }
    }

    /// Whether it takes a result with this name from its log.
    pub(super) fn has_result(&self, key: &str) -> bool {
        match self {
            Self::ContainerRun { results, .. } => results.contains_key(key),
            Self::InferenceRun { .. } | Self::InferenceServe { .. } | Self::CommandRun { .. } => {
                false
            }
        }
    }

    /// The ports that the job's client can reach while the operation runs.
    pub fn exposed_ports(&self) -> Vec<ExposedPort> {
        match self {
            Self::InferenceRun { .. } => Vec::new(),
            Self::InferenceServe { .. } => vec![ExposedPort::new(SERVE_PORT)],
            Self::CommandRun { args, .. } => args.expose.clone(),
            Self::ContainerRun { args, .. } => args.expose.clone(),
        }
    }

    /// Validates everything but the name. `pointer` is the operation's place in the definition.
    pub(super) fn validate_fields(&self, pointer: &str) -> Result<(), DefinitionError> {
        let args_pointer = format!("{pointer}/args");

        match self {
            Self::InferenceRun { args, .. } => args.validate_args(&args_pointer),
            Self::InferenceServe { args, .. } => args.validate_args(&args_pointer),
            Self::CommandRun { args, .. } => args.validate_args(&args_pointer),
            Self::ContainerRun { args, results, .. } => {
                args.validate_args(&args_pointer)?;
                check_results(&format!("{pointer}/results"), results)
            }
        }
    }
}
