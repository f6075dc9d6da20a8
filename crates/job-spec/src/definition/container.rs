//! The arguments of `container/run`: one container, made from an image.
//!
//! ```json
//! {
//!   "id": "train",
//!   "type": "container/run",
//!   "args": { "image": "docker.io/library/python:3.13", "cmd": ["python", "train.py"], "gpu": true },
//!   "results": { "loss": "loss: [0-9.]+" },
//!   "execution": { "group": "training" }
//! }
//! ```

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    CommandLimits, DefinitionError, Run, check_count, check_id,
    command::{check_at_most, check_environment, check_run, escape},
    invalid,
};

/// The most volumes of one container.
pub const MAX_VOLUMES: usize = 16;
/// The most results of one container.
pub const MAX_RESULTS: usize = 64;
/// The longest name of an image, in bytes.
pub(crate) const MAX_IMAGE_BYTES: usize = 512;
/// What names an image of a registry: `host:port/path:tag@digest`. Engines read other forms, among
/// them files of the node, which must not be.
pub(crate) const IMAGE: &str = concat!(
    "^([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?/)?",
    "[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*",
    "(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$"
);
/// The longest path within a container, in bytes.
pub(crate) const MAX_CONTAINER_PATH_BYTES: usize = 1024;
/// The longest regular expression, in bytes.
const MAX_REGEX_BYTES: usize = 4096;

/// The arguments of `container/run`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainerArgs {
    /// The image, as a registry names it.
    #[schemars(schema_with = "crate::schema::image")]
    pub image: String,
    /// The command; by default the image's own. A line is run by the image's `/bin/sh -c`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cmd: Option<Run>,
    /// The program that gets the command as its arguments; by default the image's own, which can be
    /// none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::arguments")]
    pub entrypoint: Vec<String>,
    /// Variables beside those of the image.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::environment")]
    pub env: BTreeMap<String, String>,
    /// Whether the container sees the node's GPUs. A node without any refuses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gpu: bool,
    /// Folders that all containers of the job share by name, empty at first, gone with the job.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MAX_VOLUMES))]
    pub volumes: Vec<Volume>,
    /// Where the command begins, an absolute path in the container; by default as the image says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::optional_container_path")]
    pub work_dir: Option<String>,
    /// A file or folder of the container that is kept, packed, when the command has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::optional_container_path")]
    pub output: Option<String>,
    /// Bounds of time and resources. `disk_mib` cannot be given: engines do not bound it.
    #[serde(default, skip_serializing_if = "CommandLimits::is_default")]
    pub limits: CommandLimits,
}

/// A folder that containers share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Its name within the job.
    #[schemars(schema_with = "crate::schema::id")]
    pub name: String,
    /// Where it is in the container, an absolute path.
    #[schemars(schema_with = "crate::schema::container_path")]
    pub dest: String,
}

/// What is taken from the log: every match, or the match's first group where it has groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ResultRule {
    /// A regular expression for the standard output.
    Regex(String),
    /// A regular expression for these streams.
    Streams(StreamRule),
}

/// A regular expression for certain streams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StreamRule {
    /// The regular expression, without look-around and back-references.
    #[schemars(length(max = MAX_REGEX_BYTES))]
    pub regex: String,
    /// The streams.
    #[serde(rename = "logType")]
    #[schemars(length(min = 1, max = 2))]
    pub streams: Vec<LogStream>,
}

/// What a program prints to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl ResultRule {
    /// The regular expression.
    pub fn regex(&self) -> &str {
        match self {
            Self::Regex(regex) => regex,
            Self::Streams(rule) => &rule.regex,
        }
    }

    /// The streams that it is for.
    pub fn streams(&self) -> &[LogStream] {
        match self {
            Self::Regex(_) => &[LogStream::Stdout],
            Self::Streams(rule) => &rule.streams,
        }
    }
}

impl ContainerArgs {
    /// The arguments that the entrypoint gets; none if the image's own command runs.
    pub fn command(&self) -> Vec<String> {
        match &self.cmd {
            None => Vec::new(),
            Some(Run::Line(line)) => ["/bin/sh", "-c", line].map(str::to_owned).to_vec(),
            Some(Run::Arguments(argv)) => argv.clone(),
        }
    }

    pub(super) fn validate(&self, pointer: &str) -> Result<(), DefinitionError> {
        let is_image = regex::Regex::new(IMAGE).is_ok_and(|form| form.is_match(&self.image));
        if !is_image || self.image.len() > MAX_IMAGE_BYTES {
            let problem = "must name an image, like `docker.io/library/debian:13`";
            return invalid(format!("{pointer}/image"), problem.into());
        }
        if let Some(cmd) = &self.cmd {
            check_run(&format!("{pointer}/cmd"), cmd)?;
        }
        if !self.entrypoint.is_empty() {
            check_run(&format!("{pointer}/entrypoint"), &Run::Arguments(self.entrypoint.clone()))?;
        }
        check_environment(&format!("{pointer}/env"), &self.env)?;
        check_at_most(&format!("{pointer}/volumes"), "volumes", self.volumes.len(), MAX_VOLUMES)?;
        for (index, volume) in self.volumes.iter().enumerate() {
            check_id(&format!("{pointer}/volumes/{index}/name"), &volume.name)?;
            check_path(&format!("{pointer}/volumes/{index}/dest"), &volume.dest)?;
            if self.volumes[..index].iter().any(|earlier| earlier.dest == volume.dest) {
                return invalid(
                    format!("{pointer}/volumes/{index}/dest"),
                    "is that of an earlier volume, too".into(),
                );
            }
        }
        for (field, path) in [("work_dir", &self.work_dir), ("output", &self.output)] {
            path.as_ref().map_or(Ok(()), |path| check_path(&format!("{pointer}/{field}"), path))?;
        }
        if self.limits.disk_mib.is_some() {
            return invalid(
                format!("{pointer}/limits/disk_mib"),
                "cannot be given: engines do not bound it".into(),
            );
        }
        self.limits.validate(&format!("{pointer}/limits"))
    }
}

/// Checks an absolute path within a container. Engines give `:` and `,` a meaning of their own.
fn check_path(pointer: &str, path: &str) -> Result<(), DefinitionError> {
    let is_odd = |c: char| c.is_control() || matches!(c, ':' | ',');
    let goes_up = path.split('/').any(|part| part == "..");
    if path.starts_with('/')
        && path.len() <= MAX_CONTAINER_PATH_BYTES
        && !goes_up
        && !path.chars().any(is_odd)
    {
        return Ok(());
    }
    invalid(
        pointer.into(),
        "must be an absolute path in the container, without `..`, `:` and `,`".into(),
    )
}

/// Checks the results of a container.
pub(super) fn check_results(
    pointer: &str,
    results: &BTreeMap<String, ResultRule>,
) -> Result<(), DefinitionError> {
    check_at_most(pointer, "results", results.len(), MAX_RESULTS)?;
    for (name, rule) in results {
        let pointer = format!("{pointer}/{}", escape(name));
        check_id(&pointer, name)?;
        let regex = rule.regex();
        if regex.len() > MAX_REGEX_BYTES {
            return invalid(
                pointer,
                format!("has {} bytes; at most {MAX_REGEX_BYTES} are allowed", regex.len()),
            );
        }
        if let Err(error) = super::matches::compile(regex) {
            let why: String = error.to_string().chars().take(300).collect();
            return invalid(
                pointer,
                format!("is not a regular expression without look-around: {why}"),
            );
        }
        check_count(&format!("{pointer}/logType"), "streams", rule.streams().len(), 2)?;
    }
    Ok(())
}
