//! JSON of the published schema to a [`JobDefinition`].

use std::collections::HashSet;

use serde_json::Value;

use super::{
    document::{PublishedArgs, PublishedDefaults, PublishedDefinition, PublishedOperation},
    placeholders::check_placeholders,
    ports::read_port_texts,
    system_needs::{gigabytes_to_mib, read_system_needs},
    unique_fields::UniqueFields,
    variables::fill_variables,
};
use crate::{
    Document,
    definition::{
        container::ContainerArgs,
        error::{DefinitionError, refuse_field, shorten},
        job_definition::JobDefinition,
        limits::{
            CommandLimits, MAX_CPUS, MAX_MIB, MAX_OUTPUT_BYTES, MAX_PROCESSES, MAX_TIMEOUT_SECONDS,
        },
        node_needs::NodeNeeds,
        operation::Operation,
        resource::Resource,
        step::StepCommand,
    },
};

/// The largest definition in this schema, in bytes.
const MAX_PUBLISHED_BYTES: usize = 512 * 1024;
/// The most values in it, at all depths.
const MAX_VALUES: usize = 10_000;

/// Reads a definition of [`PUBLISHED_VERSION`](crate::PUBLISHED_VERSION).
pub(in crate::definition) fn read_published(text: &str) -> Result<JobDefinition, DefinitionError> {
    let value = prepare_published(text)?;

    let meta_vram_mib = read_system_needs(&value)?;
    let PublishedDefinition { global, ops, .. } = serde_json::from_value(value)?;
    let defaults = global.unwrap_or_default();
    check_names(&ops)?;
    let volumes: HashSet<String> = ops.iter().filter_map(PublishedOperation::volume_id).collect();

    let mut positions = Vec::new();
    let mut operations = Vec::new();

    for (position, operation) in ops.into_iter().enumerate() {
        let PublishedOperation::Run { id, args, results, mut execution } = operation else {
            continue;
        };
        // A volume exists as soon as a container mounts it, so there is nothing to wait for.
        execution.depends_on.retain(|name| !volumes.contains(name));

        let args = args.into_container_args(&defaults, position, meta_vram_mib)?;
        operations.push(Operation::ContainerRun { id, args, results, execution });
        positions.push(position);
    }

    let definition = JobDefinition::new(operations);
    definition.validate().map_err(|error| at_published_position(error, &positions))?;
    Ok(definition)
}

/// Returns the definition with its variables filled in, after checks of it against the schema and
/// before that of its size: the schema check collects every problem of every value.
fn prepare_published(text: &str) -> Result<Value, DefinitionError> {
    if text.len() > MAX_PUBLISHED_BYTES {
        return refuse_field(
            "",
            format!("has {} bytes; at most {MAX_PUBLISHED_BYTES} are allowed", text.len()),
        );
    }

    // `Value` keeps the last one of two fields.
    let UniqueFields = serde_json::from_str(text)?;
    let value: Value = serde_json::from_str(text)?;

    if count_values(&value) > MAX_VALUES {
        return refuse_field("", format!("has more than {MAX_VALUES} values"));
    }
    let value = fill_published(&value)?;
    if let Some(first) = Document::Published.filled_problems(&value).into_iter().next() {
        return refuse_field(first.pointer, first.problem);
    }
    check_placeholders(&value)?;
    Ok(value)
}

/// Returns the definition as the schema describes it: with its variables filled in, and with ports
/// as numbers.
pub(crate) fn fill_published(definition: &Value) -> Result<Value, DefinitionError> {
    let mut filled = fill_variables(definition)?;
    read_port_texts(&mut filled);
    Ok(filled)
}

/// Checks that no two operations have one name, those that create volumes included: a dependency
/// on such a name could mean either.
fn check_names(ops: &[PublishedOperation]) -> Result<(), DefinitionError> {
    let mut ids = HashSet::new();

    for (position, operation) in ops.iter().enumerate() {
        let id = operation.id();

        if !ids.insert(id) {
            return refuse_field(
                format!("/ops/{position}/id"),
                format!("`{}` is already the name of an earlier operation", shorten(id)),
            );
        }
    }
    Ok(())
}

/// The number of values at all depths. `serde_json` reads at most 128 levels.
fn count_values(value: &Value) -> usize {
    match value {
        Value::Array(all) => 1 + all.iter().map(count_values).sum::<usize>(),
        Value::Object(all) => 1 + all.values().map(count_values).sum::<usize>(),
        _ => 1,
    }
}

impl PublishedOperation {
    /// The operation's name.
    fn id(&self) -> &str {
        match self {
            Self::CreateVolume { id, .. } | Self::Run { id, .. } => id,
        }
    }

    /// The operation's name, if it creates a volume.
    fn volume_id(&self) -> Option<String> {
        match self {
            Self::CreateVolume { id, .. } => Some(id.clone()),
            Self::Run { .. } => None,
        }
    }
}

impl PublishedArgs {
    /// The arguments of the operation at `position`, with the definition's defaults.
    fn into_container_args(
        self,
        defaults: &PublishedDefaults,
        position: usize,
        meta_vram_mib: Option<u64>,
    ) -> Result<ContainerArgs, DefinitionError> {
        let Some(image) = self.image.or_else(|| defaults.image.clone()) else {
            return refuse_field(
                format!("/ops/{position}/args/image"),
                "is missing, and so is /global/image",
            );
        };

        let entrypoint = match self.entrypoint.or_else(|| defaults.entrypoint.clone()) {
            None => Vec::new(),
            Some(StepCommand::Line(program)) => vec![program],
            Some(StepCommand::Arguments(program)) => program,
        };

        let mut env = defaults.env.clone();
        env.extend(self.env);

        let gpu = self.gpu.or(defaults.gpu).unwrap_or(false);
        if self.required_vram.is_some() && !gpu {
            return refuse_field(
                format!("/ops/{position}/args/required_vram"),
                "is for containers that use a GPU; add `\"gpu\": true`, or remove it",
            );
        }
        let own_vram_mib = self.required_vram.map(gigabytes_to_mib);
        let vram_mib = own_vram_mib.max(meta_vram_mib).filter(|mib| gpu && *mib > 0);

        Ok(ContainerArgs {
            image,
            cmd: self.cmd,
            entrypoint,
            env,
            gpu,
            volumes: self.volumes,
            work_dir: self.work_dir.or_else(|| defaults.work_dir.clone()),
            output: self.output,
            expose: self.expose,
            resources: self.resources.into_iter().map(Resource::with_flat_files).collect(),
            restart_policy: self.restart_policy,
            needs: NodeNeeds { vram_mib, memory_mib: None },
            limits: highest_limits(),
        })
    }
}

/// The published schema has no limits: the container gets what the node has, until the paid time
/// ends.
fn highest_limits() -> CommandLimits {
    CommandLimits {
        timeout_seconds: Some(MAX_TIMEOUT_SECONDS),
        memory_mib: Some(MAX_MIB),
        cpus: Some(MAX_CPUS),
        processes: Some(MAX_PROCESSES),
        disk_mib: None,
        output_bytes: Some(MAX_OUTPUT_BYTES),
    }
}

/// Moves an error about an operation to the operation's position in the file: `positions` has one
/// for each operation that was converted.
fn at_published_position(error: DefinitionError, positions: &[usize]) -> DefinitionError {
    let DefinitionError::Invalid { pointer, problem } = error else { return error };

    let in_file = || {
        let (index, rest) = pointer.strip_prefix("/ops/")?.split_once('/')?;
        let position = positions.get(index.parse::<usize>().ok()?)?;
        Some(format!("/ops/{position}/{rest}"))
    };

    DefinitionError::Invalid { pointer: in_file().unwrap_or(pointer), problem }
}
