//! `container/run`: one container, started from an image.
//!
//! ```json
//! {
//!   "id": "train",
//!   "type": "container/run",
//!   "args": {
//!     "image": "docker.io/library/python:3.13",
//!     "cmd": ["python", "train.py"],
//!     "gpu": true
//!   },
//!   "results": { "loss": "loss: [0-9.]+" },
//!   "execution": { "group": "training" }
//! }
//! ```

use std::collections::BTreeMap;

use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{
    artifacts::ExpectedArtifacts,
    checks::check_max_count,
    environment::{check_environment, environment_schema},
    error::{DefinitionError, refuse_field},
    id::{check_id, id_schema},
    limits::CommandLimits,
    step::StepCommand,
};
use crate::{
    MAX_ARTIFACT_BYTES,
    schema::regexes::{CONTAINER_PATH, IMAGE, NO_NUL},
};

/// The path of the one artifact that a container keeps.
pub const CONTAINER_OUTPUT: &str = "output.tar";
/// The most volumes of one container.
pub const MAX_VOLUMES: usize = 16;
/// The longest name of an image, in bytes.
const MAX_IMAGE_BYTES: usize = 512;
/// The longest path within a container, in bytes.
const MAX_CONTAINER_PATH_BYTES: usize = 1024;

/// The arguments of `container/run`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainerArgs {
    /// The image, by its name in a registry.
    #[schemars(schema_with = "image_schema")]
    pub image: String,
    /// The command; defaults to the image's own. A line is run by the image's `/bin/sh -c`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cmd: Option<StepCommand>,
    /// The program that gets the command as its arguments; defaults to the image's own, if it has
    /// one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "entrypoint_schema")]
    pub entrypoint: Vec<String>,
    /// Variables in addition to those of the image.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "environment_schema")]
    pub env: BTreeMap<String, String>,
    /// Whether the container can use the node's GPUs. A node without any refuses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gpu: bool,
    /// Folders that all containers of the job share by name; they are empty at first and deleted
    /// with the job.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MAX_VOLUMES))]
    pub volumes: Vec<Volume>,
    /// The folder in which the command begins, an absolute path in the container; defaults to the
    /// image's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "optional_container_path_schema")]
    pub work_dir: Option<String>,
    /// A file or folder of the container to keep as a tar archive after the command has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "optional_container_path_schema")]
    pub output: Option<String>,
    /// Limits of time and resources. `disk_mib` is refused: container engines do not enforce it.
    #[serde(default, skip_serializing_if = "CommandLimits::is_default")]
    pub limits: CommandLimits,
}

/// A folder that containers share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Its name within the job.
    #[schemars(schema_with = "id_schema")]
    pub name: String,
    /// Where it is mounted, an absolute path in the container.
    #[schemars(schema_with = "container_path_schema")]
    pub dest: String,
}

impl ContainerArgs {
    /// The arguments that the entrypoint gets; empty if the image's own command runs.
    pub fn command(&self) -> Vec<String> {
        match &self.cmd {
            None => Vec::new(),
            Some(StepCommand::Line(line)) => ["/bin/sh", "-c", line].map(str::to_owned).to_vec(),
            Some(StepCommand::Arguments(argv)) => argv.clone(),
        }
    }

    /// The artifacts that the operation may keep.
    pub(super) fn expected_artifacts(&self) -> ExpectedArtifacts {
        ExpectedArtifacts {
            patterns: self.output.iter().map(|_| CONTAINER_OUTPUT.to_owned()).collect(),
            max_bytes: MAX_ARTIFACT_BYTES,
        }
    }

    /// Validates the arguments. `pointer` is their place in the definition.
    pub(super) fn validate_args(&self, pointer: &str) -> Result<(), DefinitionError> {
        check_image(&format!("{pointer}/image"), &self.image)?;

        if let Some(cmd) = &self.cmd {
            cmd.validate_command(&format!("{pointer}/cmd"))?;
        }
        if !self.entrypoint.is_empty() {
            StepCommand::Arguments(self.entrypoint.clone())
                .validate_command(&format!("{pointer}/entrypoint"))?;
        }
        check_environment(&format!("{pointer}/env"), &self.env)?;
        self.validate_volumes(&format!("{pointer}/volumes"))?;

        for (field, path) in [("work_dir", &self.work_dir), ("output", &self.output)] {
            if let Some(path) = path {
                check_container_path(&format!("{pointer}/{field}"), path)?;
            }
        }

        if self.limits.disk_mib.is_some() {
            return refuse_field(
                format!("{pointer}/limits/disk_mib"),
                "cannot be given: container engines do not enforce it",
            );
        }
        self.limits.validate_limits(&format!("{pointer}/limits"))
    }

    fn validate_volumes(&self, pointer: &str) -> Result<(), DefinitionError> {
        check_max_count(pointer, "volumes", self.volumes.len(), MAX_VOLUMES)?;

        for (index, volume) in self.volumes.iter().enumerate() {
            check_id(&format!("{pointer}/{index}/name"), &volume.name)?;
            check_container_path(&format!("{pointer}/{index}/dest"), &volume.dest)?;

            if self.volumes[..index].iter().any(|earlier| earlier.dest == volume.dest) {
                return refuse_field(
                    format!("{pointer}/{index}/dest"),
                    "is already the path of an earlier volume",
                );
            }
        }
        Ok(())
    }
}

fn check_image(pointer: &str, image: &str) -> Result<(), DefinitionError> {
    let is_image = Regex::new(IMAGE).is_ok_and(|form| form.is_match(image));

    if is_image && image.len() <= MAX_IMAGE_BYTES {
        return Ok(());
    }
    refuse_field(pointer, "must name an image, like `docker.io/library/debian:13`")
}

/// Checks an absolute path within a container. Container engines give `:` and `,` a meaning of
/// their own.
fn check_container_path(pointer: &str, path: &str) -> Result<(), DefinitionError> {
    let is_special = |c: char| c.is_control() || matches!(c, ':' | ',');
    let goes_up = path.split('/').any(|part| part == "..");

    if path.starts_with('/')
        && path.len() <= MAX_CONTAINER_PATH_BYTES
        && !goes_up
        && !path.chars().any(is_special)
    {
        return Ok(());
    }
    refuse_field(pointer, "must be an absolute path in the container, without `..`, `:` and `,`")
}

fn image_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": IMAGE, "maxLength": MAX_IMAGE_BYTES })
}

/// The schema of an optional image.
pub(super) fn optional_image_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "pattern": IMAGE, "maxLength": MAX_IMAGE_BYTES })
}

/// A program and its arguments, or an empty list.
fn entrypoint_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "allOf": [{ "prefixItems": [{ "minLength": 1 }] }],
        "items": { "type": "string", "pattern": NO_NUL },
    })
}

fn container_path_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": CONTAINER_PATH,
        "maxLength": MAX_CONTAINER_PATH_BYTES,
    })
}

/// The schema of an optional path in a container.
pub(super) fn optional_container_path_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "null"],
        "pattern": CONTAINER_PATH,
        "maxLength": MAX_CONTAINER_PATH_BYTES,
    })
}
