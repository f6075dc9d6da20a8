//! The arguments of `command/run`: a pipeline of commands that a node runs in a sandbox.
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

use super::{CommandLimits, DefinitionError, check_count, invalid, path::check_path};
use crate::ContentId;

/// The most steps of one operation.
pub const MAX_STEPS: usize = 64;
/// The longest command of a step, in bytes: the line, or all arguments together.
pub const MAX_COMMAND_BYTES: usize = 32 * 1024;
/// The most variables of one operation.
pub const MAX_VARIABLES: usize = 128;
/// The longest value of a variable, in bytes.
pub const MAX_VARIABLE_BYTES: usize = 32 * 1024;
/// The names and values of all variables together, in bytes: systems bound what a program is
/// started with.
pub const MAX_ENVIRONMENT_BYTES: usize = 256 * 1024;
/// The most input files and archives of one operation.
pub const MAX_COMMAND_INPUTS: usize = 64;
/// The largest input file or archive, in bytes.
pub const MAX_COMMAND_INPUT_BYTES: u64 = 512 * 1024 * 1024;
/// The most artifact patterns of one operation.
pub const MAX_PATTERNS: usize = 64;
/// The longest name of a step or a variable, in bytes.
pub(crate) const MAX_NAME_BYTES: usize = 128;

/// The arguments of `command/run`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::schema::artifacts_alias)]
pub struct CommandArgs {
    /// What to run, in order. A step that fails ends the operation; those behind it are skipped.
    #[schemars(length(min = 1, max = MAX_STEPS))]
    pub steps: Vec<Step>,
    /// Variables beside `PATH`, `HOME` and `LANG`, which every step has. These three can be
    /// replaced.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::environment")]
    pub env: BTreeMap<String, String>,
    /// Where steps begin, relative to the work folder; the work folder itself by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::optional_folder")]
    pub working_directory: Option<String>,
    /// What is put into the work folder before the first step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MAX_COMMAND_INPUTS))]
    pub inputs: Vec<CommandInput>,
    /// What is kept after the last step: paths relative to the work folder, or patterns of them.
    /// `*` and `?` stay within a folder, `**` does not; a folder stands for everything in it.
    #[serde(default, alias = "artefacts", skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::patterns")]
    pub artifacts: Vec<String>,
    /// Whether steps may use the network. A node can refuse.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub network: bool,
    /// Bounds of time and resources; what is not given has a default.
    #[serde(default, skip_serializing_if = "CommandLimits::is_default")]
    pub limits: CommandLimits,
}

/// One command of the pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The step's name; its output carries the same.
    #[schemars(schema_with = "crate::schema::step_name")]
    pub name: String,
    /// The command.
    pub run: Run,
    /// The longest time of this step in seconds; by default what is left of the operation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = super::MAX_TIMEOUT_SECONDS))]
    pub timeout_seconds: Option<u64>,
}

/// A command in one of two forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Run {
    /// A line for `/bin/sh -eu -c`.
    Line(String),
    /// A program and its arguments; no shell is involved.
    Arguments(Vec<String>),
}

impl Run {
    /// The program and its arguments, with the shell where it is a line.
    pub fn argv(&self) -> Vec<String> {
        match self {
            Self::Line(line) => ["/bin/sh", "-eu", "-c", line].map(str::to_owned).to_vec(),
            Self::Arguments(argv) => argv.clone(),
        }
    }
}

/// Content that is put into the work folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandInput {
    /// Where it goes, relative to the work folder: the file's path, or the folder that an archive
    /// is unpacked in.
    #[schemars(schema_with = "crate::schema::folder")]
    pub path: String,
    /// The file or archive.
    pub content: ContentId,
    /// Whether it is a tar archive to unpack. A plain file is put there readable and executable.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unpack: bool,
}

impl CommandArgs {
    pub(super) fn validate(&self, pointer: &str) -> Result<(), DefinitionError> {
        check_count(&format!("{pointer}/steps"), "steps", self.steps.len(), MAX_STEPS)?;
        for (index, step) in self.steps.iter().enumerate() {
            let pointer = format!("{pointer}/steps/{index}");
            step.validate(&pointer)?;
            if self.steps[..index].iter().any(|earlier| earlier.name == step.name) {
                return invalid(
                    format!("{pointer}/name"),
                    format!("`{}` names an earlier step, too", step.name),
                );
            }
        }
        check_environment(&format!("{pointer}/env"), &self.env)?;
        if let Some(folder) = &self.working_directory {
            check_path(&format!("{pointer}/working_directory"), folder, true)?;
        }
        check_at_most(
            &format!("{pointer}/inputs"),
            "inputs",
            self.inputs.len(),
            MAX_COMMAND_INPUTS,
        )?;
        for (index, input) in self.inputs.iter().enumerate() {
            let pointer = format!("{pointer}/inputs/{index}/path");
            check_path(&pointer, &input.path, input.unpack)?;
            let same = |earlier: &&CommandInput| !earlier.unpack && earlier.path == input.path;
            if !input.unpack && self.inputs.iter().take(index).any(|earlier| same(&earlier)) {
                return invalid(
                    pointer,
                    format!("an earlier input is put to `{}`, too", input.path),
                );
            }
        }
        check_at_most(
            &format!("{pointer}/artifacts"),
            "patterns",
            self.artifacts.len(),
            MAX_PATTERNS,
        )?;
        for (index, pattern) in self.artifacts.iter().enumerate() {
            let pointer = format!("{pointer}/artifacts/{index}");
            check_path(&pointer, pattern, false)?;
            if let Err(error) = globset::Glob::new(pattern) {
                return invalid(
                    pointer,
                    format!("is not a pattern: {}; put `\\` before a literal sign", error.kind()),
                );
            }
        }
        self.limits.validate(&format!("{pointer}/limits"))
    }
}

impl Step {
    fn validate(&self, pointer: &str) -> Result<(), DefinitionError> {
        if self.name.trim().is_empty()
            || self.name.len() > MAX_NAME_BYTES
            || self.name.chars().any(char::is_control)
        {
            let problem = format!(
                "must be 1 to {MAX_NAME_BYTES} bytes, not blank, without control characters"
            );
            return invalid(format!("{pointer}/name"), problem);
        }
        check_run(&format!("{pointer}/run"), &self.run)?;
        super::limits::check(
            &format!("{pointer}/timeout_seconds"),
            self.timeout_seconds,
            1,
            super::MAX_TIMEOUT_SECONDS,
        )
    }
}

/// Checks a command in either form.
pub(super) fn check_run(pointer: &str, run: &Run) -> Result<(), DefinitionError> {
    let argv = run.argv();
    let blank = match run {
        Run::Line(line) => line.trim().is_empty(),
        Run::Arguments(argv) => argv.first().is_none_or(|program| program.is_empty()),
    };
    if blank {
        return invalid(pointer.into(), "is blank; give a command".into());
    }
    if argv.iter().any(|argument| argument.contains('\0')) {
        return invalid(pointer.into(), "has a NUL character, which no command can have".into());
    }
    let size: usize = argv.iter().map(String::len).sum();
    if size > MAX_COMMAND_BYTES {
        let problem = format!(
            "has {size} bytes; at most {MAX_COMMAND_BYTES} are allowed: send a script as an input"
        );
        return invalid(pointer.into(), problem);
    }
    Ok(())
}

/// Checks the variables of a program.
pub(super) fn check_environment(
    pointer: &str,
    env: &BTreeMap<String, String>,
) -> Result<(), DefinitionError> {
    check_at_most(pointer, "variables", env.len(), MAX_VARIABLES)?;
    for (name, value) in env {
        check_variable(&format!("{pointer}/{}", escape(name)), name, value)?;
    }
    let size: usize = env.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > MAX_ENVIRONMENT_BYTES {
        let problem = format!(
            "has {size} bytes; at most {MAX_ENVIRONMENT_BYTES} are allowed: send a file as an input"
        );
        return invalid(pointer.into(), problem);
    }
    Ok(())
}

fn check_variable(pointer: &str, name: &str, value: &str) -> Result<(), DefinitionError> {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    let begins_well = name.bytes().next().is_some_and(|c| !c.is_ascii_digit());
    if !begins_well || name.len() > MAX_NAME_BYTES || !name.bytes().all(is_plain) {
        let problem = format!(
            "must be named by 1 to {MAX_NAME_BYTES} ASCII letters, digits or `_`, and not begin with a digit"
        );
        return invalid(pointer.into(), problem);
    }
    if value.len() > MAX_VARIABLE_BYTES || value.contains('\0') {
        return invalid(
            pointer.into(),
            format!("must have at most {MAX_VARIABLE_BYTES} bytes and no NUL character"),
        );
    }
    Ok(())
}

pub(super) fn check_at_most(
    pointer: &str,
    what: &str,
    count: usize,
    max: usize,
) -> Result<(), DefinitionError> {
    if count <= max {
        return Ok(());
    }
    invalid(pointer.into(), format!("has {count} {what}; at most {max} are allowed"))
}

/// A key as a part of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.chars().take(100).collect::<String>().replace('~', "~0").replace('/', "~1")
}
