//! What a schema finds wrong with a document: everything at once, each at its field.

use std::{collections::BTreeSet, fmt};

use boon::{Compiler, ErrorKind, Schemas, ValidationError};
use serde_json::Value;

use super::Document;
use crate::definition::escape;

/// Fields of Nosana's published schema that ask for what these nodes do not give.
const UNSUPPORTED: [&str; 5] =
    ["expose", "resources", "authentication", "private", "required_vram"];
const NOT_SUPPORTED: &str = "is not supported: nodes publish no ports, fetch no files of others and know no passwords; \
                             remove it";

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The field, as a JSON pointer (RFC 6901); empty for the whole document.
    pub pointer: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        write!(f, "{pointer}: {}", self.problem)
    }
}

impl Document {
    /// Everything that the schema finds wrong with `value`, in the order of the fields.
    pub fn problems(self, value: &Value) -> Vec<Problem> {
        let mut found = BTreeSet::new();
        if let Err(error) = self.check(value, &mut found) {
            // A mistake in this crate; whoever asked must not take it for a document without
            // problems.
            found.insert(Problem {
                pointer: String::new(),
                problem: format!("the schema is not one: {error}"),
            });
        }
        found.into_iter().collect()
    }

    fn check(self, value: &Value, found: &mut BTreeSet<Problem>) -> Result<(), String> {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler
            .add_resource(self.file_name(), self.schema())
            .map_err(|error| error.to_string())?;
        let index =
            compiler.compile(self.file_name(), &mut schemas).map_err(|error| error.to_string())?;
        if let Err(error) = schemas.validate(value, index) {
            collect(&error, found);
        }
        Ok(())
    }
}

/// Gathers the leaves of the tree of errors; a choice of which nothing fits is one problem, not one
/// for each branch.
fn collect(error: &ValidationError<'_, '_>, found: &mut BTreeSet<Problem>) {
    let pointer = error.instance_location.to_string();
    let mut add = |pointer: String, problem: String| {
        found.insert(Problem { pointer, problem: problem.chars().take(500).collect() });
    };
    let below = |name: &str| format!("{pointer}/{}", escape(name));
    match &error.kind {
        ErrorKind::AnyOf | ErrorKind::OneOf(_) => {
            add(pointer, "has none of the forms that are allowed".to_owned())
        }
        ErrorKind::AdditionalProperties { got } => {
            for name in got {
                let is_known = UNSUPPORTED.contains(&name.as_ref());
                let problem = if is_known {
                    NOT_SUPPORTED
                } else {
                    "is not known here; correct its name or remove it"
                };
                add(below(name), problem.to_owned());
            }
        }
        ErrorKind::Required { want } => {
            want.iter().for_each(|name| add(below(name), "is missing".to_owned()));
        }
        kind if error.causes.is_empty() => add(pointer, kind.to_string()),
        _ => error.causes.iter().for_each(|cause| collect(cause, found)),
    }
}
