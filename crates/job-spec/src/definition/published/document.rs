//! The types of the published schema, as far as nodes run them.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::variables::MAX_VARIABLES;
use crate::definition::{
    MAX_OPERATIONS, PUBLISHED_VERSION,
    container::{MAX_VOLUMES, Volume},
    container_command::{container_command_schema, optional_entrypoint_schema},
    container_path::optional_container_path_schema,
    environment::environment_schema,
    execution::Execution,
    expose::{ExposedPort, exposed_schema, read_exposed},
    id::id_schema,
    image::optional_image_schema,
    resource::{MAX_RESOURCES, Resource},
    restart_policy::RestartPolicy,
    result_rule::{ResultRule, results_schema},
    step::StepCommand,
};
use crate::schema::regexes::PLACEHOLDER;

/// A port or a range of ports.
const PORT_TEXT: &str = "^[0-9]{1,5}(-[0-9]{1,5})?$";

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
    /// Remarks for other software, which nodes ignore, except what the node must have, in
    /// `system_requirements` or `system_resources`: `required_vram` in GB, `vram_total_mb` in MB.
    meta: Option<Map<String, Value>>,
    /// The deployment that the job belongs to, for other software. Nodes ignore it.
    deployment_id: Option<String>,
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
    /// Values for `%%global.variables.NAME%%` in texts.
    #[serde(default)]
    #[allow(dead_code, reason = "they are filled in before this is read")]
    #[schemars(schema_with = "variables_schema")]
    variables: Option<Map<String, Value>>,
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
        #[schemars(schema_with = "filled_results_schema")]
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
    /// The ports on which the container listens.
    #[serde(default, deserialize_with = "read_exposed")]
    #[schemars(schema_with = "ports_schema")]
    pub(super) expose: Vec<ExposedPort>,
    /// Files that the node fetches before the job starts.
    #[serde(default)]
    #[schemars(length(max = MAX_RESOURCES))]
    pub(super) resources: Vec<Resource>,
    /// Whether it is started again after it has ended; defaults to `no`.
    #[serde(default)]
    pub(super) restart_policy: RestartPolicy,
    /// The memory that one of the node's GPUs must have, in GB; only with `gpu`.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(super) required_vram: Option<f64>,
}

/// The schema of ports: like that of [`exposed_schema`], but ports may be texts and ranges, too.
fn ports_schema(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = exposed_schema(generator);
    schema.insert("type".to_owned(), json!(["integer", "string", "array"]));
    schema.insert("pattern".to_owned(), PORT_TEXT.into());

    if let Some(items) = schema.get_mut("items") {
        items["type"] = json!(["integer", "string", "object"]);
        items["pattern"] = PORT_TEXT.into();
    }
    schema
}

/// Lets the port of an object be a text, as [`ports_schema`] does for a port alone.
pub(crate) fn allow_port_texts(schema: &mut Value) {
    if let Some(port) = schema.pointer_mut("/$defs/ExposedPort/properties/port") {
        port["type"] = json!(["integer", "string"]);
        port["pattern"] = PORT_TEXT.into();
    }
}

/// Takes the field `flat` from resources: in this schema, files that are named are always flat.
pub(crate) fn hide_flat_files(schema: &mut Value) {
    let variants = schema.pointer_mut("/$defs/Resource/allOf").and_then(Value::as_array_mut);

    for variant in variants.into_iter().flatten() {
        if let Some(Value::Object(fields)) = variant.pointer_mut("/then/properties") {
            fields.retain(|name, _| name != "flat");
        }
    }
}

/// The schema of the results, whose names may have placeholders.
fn filled_results_schema(generator: &mut SchemaGenerator) -> Schema {
    let rule = generator.subschema_for::<ResultRule>().to_value();
    let mut schema = results_schema(generator);

    if let Some(Value::Object(names)) = schema.get_mut("patternProperties") {
        names.insert(PLACEHOLDER.to_owned(), rule);
    }
    schema
}

/// The schema of the variables.
fn variables_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["object", "null"],
        "maxProperties": MAX_VARIABLES,
        "additionalProperties": { "type": ["string", "number", "boolean"] },
    })
}
