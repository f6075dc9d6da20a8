//! The types of the published schema, as far as nodes run them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::definition::{
    MAX_OPERATIONS, PUBLISHED_VERSION,
    container::{MAX_VOLUMES, Volume},
    container_command::{container_command_schema, optional_entrypoint_schema},
    container_path::optional_container_path_schema,
    environment::environment_schema,
    execution::Execution,
    id::id_schema,
    image::optional_image_schema,
    result_rule::{ResultRule, results_schema},
    step::StepCommand,
};

/// A job of containers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "some fields are read only so that they are known")]
pub(crate) struct PublishedDefinition {
    /// [`PUBLISHED_VERSION`].
    #[schemars(extend("const" = PUBLISHED_VERSION))]
    version: String,
    /// The kind of job.
    #[serde(rename = "type")]
    #[schemars(extend("const" = "container"))]
    kind: String,
    /// Remarks for other software. Nodes ignore them.
    meta: Option<Map<String, Value>>,
    /// Defaults of all operations.
    pub(super) global: Option<PublishedDefaults>,
    /// The operations, in order.
    #[schemars(length(min = 1, max = MAX_OPERATIONS))]
    pub(super) ops: Vec<PublishedOperation>,
}

/// Defaults of all operations.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Global")]
pub(super) struct PublishedDefaults {
    /// The image.
    #[serde(default)]
    #[schemars(schema_with = "optional_image_schema")]
    pub(super) image: Option<String>,
    /// Whether containers can use the GPUs.
    pub(super) gpu: Option<bool>,
    /// The program that gets the command.
    #[serde(default)]
    #[schemars(schema_with = "optional_entrypoint_schema")]
    pub(super) entrypoint: Option<StepCommand>,
    /// Variables; an operation's own replace those of the same name.
    #[serde(default)]
    #[schemars(schema_with = "environment_schema")]
    pub(super) env: BTreeMap<String, String>,
    /// The folder in which commands begin.
    #[serde(default)]
    #[schemars(schema_with = "optional_container_path_schema")]
    pub(super) work_dir: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum PublishedOperation {
    /// Runs a container.
    #[serde(rename = "container/run")]
    Run {
        /// The operation's name within the job.
        #[schemars(schema_with = "id_schema")]
        id: String,
        /// The image, the command and its volumes.
        args: Box<PublishedArgs>,
        /// What is taken from the log.
        #[serde(default)]
        #[schemars(schema_with = "results_schema")]
        results: BTreeMap<String, ResultRule>,
        /// When it runs.
        #[serde(default)]
        execution: Execution,
    },
    /// Creates a volume. Volumes are created when they are first used, so this has no effect.
    #[serde(rename = "container/create-volume")]
    #[allow(dead_code, reason = "the volume is read only so that it is known")]
    CreateVolume {
        /// The operation's name within the job.
        #[schemars(schema_with = "id_schema")]
        id: String,
        /// The volume.
        args: VolumeName,
    },
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "the name is read only so that it is known")]
pub(super) struct VolumeName {
    /// Its name within the job.
    #[schemars(schema_with = "id_schema")]
    name: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishedArgs {
    /// The image; defaults to that of `global`.
    #[serde(default)]
    #[schemars(schema_with = "optional_image_schema")]
    pub(super) image: Option<String>,
    /// The command; defaults to the image's own, as does an empty list. A text is a line for the
    /// entrypoint if that is a shell or ends with `-c`, and for the image's `/bin/sh -c` otherwise.
    #[serde(default)]
    #[schemars(schema_with = "container_command_schema")]
    pub(super) cmd: Option<StepCommand>,
    /// The program that gets the command.
    #[serde(default)]
    #[schemars(schema_with = "optional_entrypoint_schema")]
    pub(super) entrypoint: Option<StepCommand>,
    /// Variables.
    #[serde(default)]
    #[schemars(schema_with = "environment_schema")]
    pub(super) env: BTreeMap<String, String>,
    /// Whether the container can use the GPUs.
    pub(super) gpu: Option<bool>,
    /// Folders that containers share by name.
    #[serde(default)]
    #[schemars(length(max = MAX_VOLUMES))]
    pub(super) volumes: Vec<Volume>,
    /// The folder in which the command begins. It is created if the image does not have it.
    #[serde(default)]
    #[schemars(schema_with = "optional_container_path_schema")]
    pub(super) work_dir: Option<String>,
    /// A file or folder of the container to keep.
    #[serde(default)]
    #[schemars(schema_with = "optional_container_path_schema")]
    pub(super) output: Option<String>,
}
