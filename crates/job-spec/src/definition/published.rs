//! Definitions in Nosana's published schema, version 0.1: containers alone.
//!
//! ```json
//! {
//!   "version": "0.1",
//!   "type": "container",
//!   "ops": [
//!     { "type": "container/run", "id": "hello", "args": { "image": "ubuntu", "cmd": "echo hello" } }
//!   ]
//! }
//! ```
//!
//! They are read as `nosana/1` with `container/run`. What asks for a service (`expose`), for files
//! of others (`resources`) or for a password (`authentication`) is refused, as is every field that
//! is not known.

use std::collections::{BTreeMap, HashSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    CommandLimits, ContainerArgs, DefinitionError, Execution, JobDefinition, MAX_OPERATIONS,
    MAX_OUTPUT_BYTES, MAX_TIMEOUT_SECONDS, MAX_VOLUMES, Operation, ResultRule, Run, Volume,
    invalid, limits,
};
use crate::Document;

/// The version of Nosana's published schema that this crate understands.
pub const PUBLISHED_VERSION: &str = "0.1";

/// The largest definition in that schema.
const MAX_PUBLISHED_BYTES: usize = 512 * 1024;
/// The most values in it, at all depths.
const MAX_VALUES: usize = 10_000;

/// A job of containers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "some fields are read only to be known")]
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
    /// What holds for all operations that do not say otherwise.
    global: Option<Global>,
    /// What to run.
    #[schemars(length(min = 1, max = MAX_OPERATIONS))]
    ops: Vec<PublishedOperation>,
}

/// Defaults of all operations.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Global {
    /// The image.
    #[serde(default)]
    #[schemars(schema_with = "crate::schema::optional_image")]
    image: Option<String>,
    /// Whether containers see the GPUs.
    gpu: Option<bool>,
    /// The program that gets the command.
    entrypoint: Option<Run>,
    /// Variables; an operation's own come on top.
    #[serde(default)]
    #[schemars(schema_with = "crate::schema::environment")]
    env: BTreeMap<String, String>,
    /// Where commands begin.
    #[serde(default)]
    #[schemars(schema_with = "crate::schema::optional_container_path")]
    work_dir: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "type", deny_unknown_fields)]
enum PublishedOperation {
    /// Runs a container.
    #[serde(rename = "container/run")]
    Run {
        /// The operation's name within the job.
        #[schemars(schema_with = "crate::schema::id")]
        id: String,
        /// What to run.
        args: Box<PublishedArgs>,
        /// What is taken from the log.
        #[serde(default)]
        #[schemars(schema_with = "crate::schema::results")]
        results: BTreeMap<String, ResultRule>,
        /// When it runs.
        #[serde(default)]
        execution: Execution,
    },
    /// Makes a volume. Volumes are made when they are first used, so nothing is left to do.
    #[serde(rename = "container/create-volume")]
    #[allow(dead_code, reason = "the volume is read only to be known")]
    CreateVolume {
        /// The operation's name within the job.
        #[schemars(schema_with = "crate::schema::id")]
        id: String,
        /// The volume.
        args: VolumeName,
    },
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "the name is read only to be known")]
struct VolumeName {
    /// Its name within the job.
    #[schemars(schema_with = "crate::schema::id")]
    name: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PublishedArgs {
    /// The image; by default that of `global`.
    #[serde(default)]
    #[schemars(schema_with = "crate::schema::optional_image")]
    image: Option<String>,
    /// The command; by default the image's own. A line is run by the image's `/bin/sh -c`.
    cmd: Option<Run>,
    /// The program that gets the command.
    entrypoint: Option<Run>,
    /// Variables.
    #[serde(default)]
    #[schemars(schema_with = "crate::schema::environment")]
    env: BTreeMap<String, String>,
    /// Whether the container sees the GPUs.
    gpu: Option<bool>,
    /// Folders that containers share by name.
    #[serde(default)]
    #[schemars(length(max = MAX_VOLUMES))]
    volumes: Vec<Volume>,
    /// Where the command begins.
    #[serde(default)]
    #[schemars(schema_with = "crate::schema::optional_container_path")]
    work_dir: Option<String>,
    /// What is kept of the container.
    #[serde(default)]
    #[schemars(schema_with = "crate::schema::optional_container_path")]
    output: Option<String>,
}

/// Reads a definition of [`PUBLISHED_VERSION`].
pub(super) fn read(bytes: &[u8]) -> Result<JobDefinition, DefinitionError> {
    if bytes.len() > MAX_PUBLISHED_BYTES {
        invalid(
            String::new(),
            format!("has {} bytes; at most {MAX_PUBLISHED_BYTES} are allowed", bytes.len()),
        )?;
    }
    let value: Value = serde_json::from_slice(bytes)?;
    // The schema check collects every problem of every value.
    if values(&value) > MAX_VALUES {
        invalid(String::new(), format!("has more than {MAX_VALUES} values"))?;
    }
    let found = Document::Published.problems(&value);
    if let Some(first) = found.into_iter().next() {
        return Err(DefinitionError::Invalid { pointer: first.pointer, problem: first.problem });
    }
    let PublishedDefinition { global, ops, .. } = serde_json::from_slice(bytes)?;
    let global = global.unwrap_or_default();
    let volumes: HashSet<String> = ops.iter().filter_map(PublishedOperation::volume).collect();
    let mut positions = Vec::new();
    let mut operations = Vec::new();
    for (position, operation) in ops.into_iter().enumerate() {
        let PublishedOperation::Run { id, args, results, mut execution } = operation else {
            continue;
        };
        execution.depends_on.retain(|name| !volumes.contains(name));
        let args = args.with(&global, position)?;
        operations.push(Operation::ContainerRun { id, args, results, execution });
        positions.push(position);
    }
    let definition = JobDefinition::new(operations);
    definition.validate().map_err(|error| at_published(error, &positions))?;
    Ok(definition)
}

/// How many values there are, at all depths. JSON is read to a depth of 128 at most.
fn values(value: &Value) -> usize {
    match value {
        Value::Array(all) => 1 + all.iter().map(values).sum::<usize>(),
        Value::Object(all) => 1 + all.values().map(values).sum::<usize>(),
        _ => 1,
    }
}

impl PublishedOperation {
    fn volume(&self) -> Option<String> {
        match self {
            Self::CreateVolume { id, .. } => Some(id.clone()),
            Self::Run { .. } => None,
        }
    }
}

impl PublishedArgs {
    fn with(self, global: &Global, position: usize) -> Result<ContainerArgs, DefinitionError> {
        let Some(image) = self.image.or_else(|| global.image.clone()) else {
            invalid(
                format!("/ops/{position}/args/image"),
                "is missing, and so is /global/image".into(),
            )?;
            return Ok(ContainerArgs::default());
        };
        let entrypoint = match self.entrypoint.or_else(|| global.entrypoint.clone()) {
            None => Vec::new(),
            Some(Run::Line(program)) => vec![program],
            Some(Run::Arguments(program)) => program,
        };
        let mut env = global.env.clone();
        env.extend(self.env);
        Ok(ContainerArgs {
            image,
            cmd: self.cmd,
            entrypoint,
            env,
            gpu: self.gpu.or(global.gpu).unwrap_or(false),
            volumes: self.volumes,
            work_dir: self.work_dir.or_else(|| global.work_dir.clone()),
            output: self.output,
            limits: unbounded(),
        })
    }
}

/// The published schema knows no bounds: the paid time is one, and a node gives what it has.
fn unbounded() -> CommandLimits {
    CommandLimits {
        timeout_seconds: Some(MAX_TIMEOUT_SECONDS),
        memory_mib: Some(limits::MAX_MIB),
        cpus: Some(limits::MAX_CPUS),
        processes: Some(limits::MAX_PROCESSES),
        disk_mib: None,
        output_bytes: Some(MAX_OUTPUT_BYTES),
    }
}

/// Makes an error about an operation point at it in the file as it was written.
fn at_published(error: DefinitionError, positions: &[usize]) -> DefinitionError {
    let DefinitionError::Invalid { pointer, problem } = error else { return error };
    let moved = || {
        let (index, rest) = pointer.strip_prefix("/ops/")?.split_once('/')?;
        Some(format!("/ops/{}/{rest}", positions.get(index.parse::<usize>().ok()?)?))
    };
    DefinitionError::Invalid { pointer: moved().unwrap_or(pointer), problem }
}
