//! Steps of `command/run`, and the two forms of a command.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{
    checks::check_range,
    error::{DefinitionError, refuse_field},
    limits::MAX_TIMEOUT_SECONDS,
    shell::{Shell, shell_argv},
};
use crate::schema::regexes::{NO_NUL, NOT_BLANK, PRINTABLE};

/// The longest command of a step, in bytes: the line, or all arguments together.
pub const MAX_COMMAND_BYTES: usize = 32 * 1024;
/// The longest name of a step, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// One command of a `command/run`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The step's name; its output has the same name.
    #[schemars(schema_with = "step_name_schema")]
    pub name: String,
    /// The command.
    pub run: StepCommand,
    /// The shell that runs the line; defaults to `bash` where the sandbox has it, else to `sh`. Only
    /// for a line: a program and its arguments need no shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell: Option<Shell>,
    /// The longest time of this step, in seconds; defaults to what is left of the operation's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_TIMEOUT_SECONDS))]
    pub timeout_seconds: Option<u64>,
}

/// A command in one of two forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum StepCommand {
    /// A line for a shell.
    Line(String),
    /// A program and its arguments; no shell is involved.
    Arguments(Vec<String>),
}

impl Step {
    /// The program and its arguments; a line is an argument of the shell.
    pub fn argv(&self) -> Vec<String> {
        match &self.run {
            StepCommand::Line(line) => shell_argv(self.shell, line),
            StepCommand::Arguments(argv) => argv.clone(),
        }
    }

    pub(super) fn validate_step(&self, pointer: &str) -> Result<(), DefinitionError> {
        if self.name.trim().is_empty()
            || self.name.len() > MAX_NAME_BYTES
            || self.name.chars().any(char::is_control)
        {
            return refuse_field(
                format!("{pointer}/name"),
                format!(
                    "must be 1 to {MAX_NAME_BYTES} bytes, not blank, without control characters"
                ),
            );
        }

        self.run.validate_command(&format!("{pointer}/run"))?;
        if self.shell.is_some() && !self.run.is_line() {
            return refuse_field(
                format!("{pointer}/shell"),
                "is for a line, and `run` is a list; omit it, or give `run` as a string",
            );
        }
        check_range(
            &format!("{pointer}/timeout_seconds"),
            self.timeout_seconds,
            1,
            MAX_TIMEOUT_SECONDS,
        )
    }
}

impl StepCommand {
    /// Whether it is a line for a shell.
    fn is_line(&self) -> bool {
        match self {
            Self::Line(_) => true,
            Self::Arguments(_) => false,
        }
    }

    /// The line, or the program and its arguments.
    fn words(&self) -> &[String] {
        match self {
            Self::Line(line) => std::slice::from_ref(line),
            Self::Arguments(argv) => argv,
        }
    }

    pub(super) fn validate_command(&self, pointer: &str) -> Result<(), DefinitionError> {
        let is_blank = match self {
            Self::Line(line) => line.trim().is_empty(),
            Self::Arguments(argv) => argv.first().is_none_or(|program| program.is_empty()),
        };

        if is_blank {
            return refuse_field(pointer, "is blank; give a command");
        }

        let words = self.words();
        let size: usize = words.iter().map(String::len).sum();

        if words.iter().any(|argument| argument.contains('\0')) {
            return refuse_field(pointer, "has a NUL character, which no command can have");
        }
        if size > MAX_COMMAND_BYTES {
            return refuse_field(
                pointer,
                format!(
                    "has {size} bytes; at most {MAX_COMMAND_BYTES} are allowed; send a script as \
                     an input"
                ),
            );
        }
        Ok(())
    }
}

impl JsonSchema for StepCommand {
    fn schema_name() -> Cow<'static, str> {
        "StepCommand".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A line for a shell, or a program and its arguments.",
            "type": ["string", "array"],
            "pattern": NOT_BLANK,
            "maxLength": MAX_COMMAND_BYTES,
            "minItems": 1,
            // Within `allOf`, because `items` would otherwise apply only after the first element.
            "allOf": [{ "prefixItems": [{ "minLength": 1 }] }],
            "items": { "type": "string", "pattern": NO_NUL, "maxLength": MAX_COMMAND_BYTES },
        })
    }
}

/// The schema of a name that is shown to people.
fn step_name_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": PRINTABLE, "maxLength": MAX_NAME_BYTES })
}
