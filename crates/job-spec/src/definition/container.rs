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

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    artifacts::ExpectedArtifacts,
    checks::check_max_count,
    container_command::{
        check_container_command, check_entrypoint, container_command_schema, entrypoint_schema,
        plan_command,
    },
    container_path::{
        check_container_path, check_mount_path, check_output_path, container_path_schema,
        normalize_path, optional_container_path_schema,
    },
    environment::{check_environment, environment_schema},
    error::{DefinitionError, refuse_field},
    expose::{ExposedPort, check_exposed, exposed_schema, read_exposed},
    id::{check_id, id_schema},
    image::{check_image, image_schema},
    limits::CommandLimits,
    node_needs::NodeNeeds,
    resource::{MAX_RESOURCES, Resource, check_resources},
    restart_policy::RestartPolicy,
    step::StepCommand,
};
use crate::MAX_ARTIFACT_BYTES;

/// The path of the one artifact that a container keeps.
pub const CONTAINER_OUTPUT: &str = "output.tar";
/// The most volumes of one container.
pub const MAX_VOLUMES: usize = 16;

/// The arguments of `container/run`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainerArgs {
    /// The image, by its name in a registry.
    #[schemars(schema_with = "image_schema")]
    pub image: String,
    /// The command; defaults to the image's own, as does an empty list. A text is a line for the
    /// entrypoint if that is a shell or ends with `-c`, and for the image's `/bin/sh -c` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "container_command_schema")]
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
    /// image's own. It is created if the image does not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "optional_container_path_schema")]
    pub work_dir: Option<String>,
    /// A file or folder of the container to keep as a tar archive after the command has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "optional_container_path_schema")]
    pub output: Option<String>,
    /// The ports on which the container listens, for the client of the job: one, or a list of at
    /// most 16 ports and objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "read_exposed")]
    #[schemars(schema_with = "exposed_schema")]
    pub expose: Vec<ExposedPort>,
    /// Files that the node fetches before the job starts, in folders of the container that it
    /// cannot change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MAX_RESOURCES))]
    pub resources: Vec<Resource>,
    /// Whether it is started again after it has ended; defaults to `no`.
    #[serde(default, skip_serializing_if = "RestartPolicy::is_default")]
    pub restart_policy: RestartPolicy,
    /// What the node must have.
    #[serde(default, skip_serializing_if = "NodeNeeds::is_default")]
    pub needs: NodeNeeds,
    /// Limits of time and resources. What is in `/dev/shm` counts as memory. `disk_mib` is refused: container engines do not enforce it.
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
    /// Where it is mounted, an absolute path in the container, but not a folder of the system.
    #[schemars(schema_with = "container_path_schema")]
    pub dest: String,
}

impl ContainerArgs {
    /// The arguments that the entrypoint gets; empty if the image's own command runs.
    pub fn command(&self) -> Vec<String> {
        plan_command(&self.entrypoint, self.cmd.as_ref())
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
            check_container_command(&format!("{pointer}/cmd"), cmd, &self.entrypoint)?;
        }
        check_entrypoint(&format!("{pointer}/entrypoint"), &self.entrypoint)?;
        check_environment(&format!("{pointer}/env"), &self.env)?;
        self.validate_volumes(&format!("{pointer}/volumes"))?;

        if let Some(folder) = &self.work_dir {
            check_container_path(&format!("{pointer}/work_dir"), folder)?;
        }
        if let Some(output) = &self.output {
            check_output_path(&format!("{pointer}/output"), output)?;
        }
        check_exposed(&format!("{pointer}/expose"), &self.expose)?;
        let volumes: Vec<&str> = self.volumes.iter().map(|volume| volume.dest.as_str()).collect();
        check_resources(&format!("{pointer}/resources"), &self.resources, &volumes)?;
        self.restart_policy.validate_policy(&format!("{pointer}/restart_policy"))?;
        self.needs.validate_needs(&format!("{pointer}/needs"), self.gpu)?;

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
            check_mount_path(&format!("{pointer}/{index}/dest"), &volume.dest)?;

            let dest = normalize_path(&volume.dest);
            if self.volumes[..index].iter().any(|earlier| normalize_path(&earlier.dest) == dest) {
                return refuse_field(
                    format!("{pointer}/{index}/dest"),
                    "is already the path of an earlier volume",
                );
            }
        }
        Ok(())
    }
}
