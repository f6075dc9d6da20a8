//! `command/run`: commands that a node runs in a sandbox, one after the other.
//!
//! ```json
//! {
//!   "id": "ci",
//!   "type": "command/run",
//!   "args": {
//!     "steps": [
//!       { "name": "build", "run": "make" },
//!       { "name": "test", "run": ["./test", "--all"], "timeout_seconds": 60 }
//!     ],
//!     "env": { "CI": "true" },
//!     "inputs": [{ "path": ".", "content": "Qm…", "unpack": true }],
//!     "artifacts": ["target/*.xml"]
//!   }
//! }
//! ```

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    artifacts::{ExpectedArtifacts, artifacts_alias, check_patterns, patterns_schema},
    checks::{check_count, check_max_count},
    environment::{check_environment, environment_schema},
    error::{DefinitionError, refuse_field},
    expose::{ExposedPort, check_exposed, exposed_schema, read_exposed},
    limits::CommandLimits,
    path::{check_path, folder_schema, optional_folder_schema},
    step::Step,
};
use crate::ContentId;

/// The most steps of one operation.
pub const MAX_STEPS: usize = 64;
/// The most input files and archives of one operation.
pub const MAX_COMMAND_INPUTS: usize = 64;
/// The largest input file or archive, in bytes.
pub const MAX_COMMAND_INPUT_BYTES: u64 = 512 * 1024 * 1024;

/// The arguments of `command/run`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = artifacts_alias)]
pub struct CommandArgs {
    /// The commands, in order. If a step fails, the operation ends and the later steps are skipped.
    #[schemars(length(min = 1, max = MAX_STEPS))]
    pub steps: Vec<Step>,
    /// Variables in addition to `PATH`, `HOME` and `LANG`, which every step has. These three can be
    /// replaced.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "environment_schema")]
    pub env: BTreeMap<String, String>,
    /// The folder in which steps begin, relative to the work folder; defaults to the work folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "optional_folder_schema")]
    pub working_directory: Option<String>,
    /// The content that is placed in the work folder before the first step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MAX_COMMAND_INPUTS))]
    pub inputs: Vec<CommandInput>,
    /// The files to keep after the last step: paths relative to the work folder, or patterns of
    /// them. `*` and `?` match within a folder, `**` across folders; a folder means everything in
    /// it. A path of which nothing is kept counts as a failure of the command; a pattern may match
    /// nothing.
    #[serde(default, alias = "artefacts", skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "patterns_schema")]
    pub artifacts: Vec<String>,
    /// Whether steps may use the network. A node can refuse.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub network: bool,
    /// The ports on which steps listen, for the client of the job: one, or a list of at most 16
    /// ports and objects. Not with `network`, where the ports of a command are those of the host.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "read_exposed")]
    #[schemars(schema_with = "exposed_schema")]
    pub expose: Vec<ExposedPort>,
    /// Limits of time and resources; each has a default.
    #[serde(default, skip_serializing_if = "CommandLimits::is_default")]
    pub limits: CommandLimits,
}

/// Content that is placed in the work folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandInput {
    /// Where it is placed, relative to the work folder: the file's path, or the folder into which
    /// an archive is unpacked.
    #[schemars(schema_with = "folder_schema")]
    pub path: String,
    /// The file or archive.
    pub content: ContentId,
    /// Whether it is a tar archive to unpack. A plain file becomes readable and executable.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unpack: bool,
}

impl CommandArgs {
    /// The names of the steps, in order.
    pub(super) fn step_names(&self) -> Vec<&str> {
        self.steps.iter().map(|step| step.name.as_str()).collect()
    }

    /// The artifacts that the operation may keep.
    pub(super) fn expected_artifacts(&self) -> ExpectedArtifacts {
        ExpectedArtifacts { patterns: self.artifacts.clone(), max_bytes: self.limits.disk_bytes() }
    }

    /// Validates the arguments. `pointer` is their place in the definition.
    pub(super) fn validate_args(&self, pointer: &str) -> Result<(), DefinitionError> {
        self.validate_steps(&format!("{pointer}/steps"))?;
        check_environment(&format!("{pointer}/env"), &self.env)?;

        if let Some(folder) = &self.working_directory {
            check_path(&format!("{pointer}/working_directory"), folder, true)?;
        }
        self.validate_inputs(&format!("{pointer}/inputs"))?;
        check_patterns(&format!("{pointer}/artifacts"), &self.artifacts)?;
        self.validate_ports(&format!("{pointer}/expose"))?;

        self.limits.validate_limits(&format!("{pointer}/limits"))
    }

    fn validate_steps(&self, pointer: &str) -> Result<(), DefinitionError> {
        check_count(pointer, "steps", self.steps.len(), MAX_STEPS)?;

        for (index, step) in self.steps.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            step.validate_step(&pointer)?;

            if self.steps[..index].iter().any(|earlier| earlier.name == step.name) {
                return refuse_field(
                    format!("{pointer}/name"),
                    format!("`{}` is already the name of an earlier step", step.name),
                );
            }
        }
        Ok(())
    }

    fn validate_ports(&self, pointer: &str) -> Result<(), DefinitionError> {
        if self.network && !self.expose.is_empty() {
            return refuse_field(
                pointer,
                "cannot be combined with `network`: its ports would be those of the host; remove \
                 one of the two",
            );
        }
        check_exposed(pointer, &self.expose)
    }

    fn validate_inputs(&self, pointer: &str) -> Result<(), DefinitionError> {
        check_max_count(pointer, "inputs", self.inputs.len(), MAX_COMMAND_INPUTS)?;

        for (index, input) in self.inputs.iter().enumerate() {
            let pointer = format!("{pointer}/{index}/path");
            check_path(&pointer, &input.path, input.unpack)?;

            // Several archives can be unpacked into one folder; a plain file has a path of its own.
            let is_taken = self.inputs[..index]
                .iter()
                .any(|earlier| !earlier.unpack && earlier.path == input.path);

            if !input.unpack && is_taken {
                return refuse_field(
                    pointer,
                    format!("`{}` is already the path of an earlier input", input.path),
                );
            }
        }
        Ok(())
    }
}
