//! The problems that a schema finds in a document: all of them at once, each at its field.

use std::{collections::BTreeSet, fmt};

use boon::{Compiler, ErrorKind, Schemas, ValidationError};
use serde_json::Value;

use super::{
    advice::advise_value,
    document::Document,
    unsupported::{explain_field, explain_value},
};
use crate::definition::{
    checks::escape_key, error::DefinitionError, published::convert::fill_published,
};

/// The longest description of a problem, in characters.
const MAX_PROBLEM_CHARACTERS: usize = 500;

/// One problem of a document.
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
        if self != Self::Published {
            return self.filled_problems(value);
        }
        match fill_published(value) {
            Ok(filled) => self.filled_problems(&filled),
            Err(DefinitionError::Invalid { pointer, problem }) => {
                vec![Problem { pointer, problem }]
            }
            Err(other) => {
                vec![Problem { pointer: String::new(), problem: other.to_string() }]
            }
        }
    }

    /// Like [`Self::problems`], of a document whose variables are filled in.
    pub(crate) fn filled_problems(self, value: &Value) -> Vec<Problem> {
        let mut found = BTreeSet::new();

        if let Err(error) = self.validate_value(value, &mut found) {
            // A bug in this crate. The caller must not read an empty list as a valid document.
            found.insert(Problem {
                pointer: String::new(),
                problem: format!("cannot be checked, the schema is not valid: {error}"),
            });
        }
        found.into_iter().collect()
    }

    fn validate_value(self, value: &Value, found: &mut BTreeSet<Problem>) -> Result<(), String> {
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();

        compiler
            .add_resource(self.file_name(), self.schema())
            .map_err(|error| error.to_string())?;
        let index =
            compiler.compile(self.file_name(), &mut schemas).map_err(|error| error.to_string())?;

        if let Err(error) = schemas.validate(value, index) {
            collect_problems(&error, value, found);
        }
        Ok(())
    }
}

/// Collects the leaves of the tree of errors. A choice of which no branch matches is one problem,
/// not one for each branch.
fn collect_problems(
    error: &ValidationError<'_, '_>,
    document: &Value,
    found: &mut BTreeSet<Problem>,
) {
    let pointer = error.instance_location.to_string();
    let child = |name: &str| format!("{pointer}/{}", escape_key(name));
    let mut add = |pointer: String, problem: &str| {
        let problem = problem.chars().take(MAX_PROBLEM_CHARACTERS).collect();
        found.insert(Problem { pointer, problem });
    };

    let explained = document.pointer(&pointer).and_then(|value| explain_value(&pointer, value));
    if let Some(problem) = explained {
        return add(pointer, problem);
    }

    match &error.kind {
        ErrorKind::AnyOf | ErrorKind::OneOf(_) => {
            add(pointer, "does not have one of the allowed forms");
        }
        ErrorKind::AdditionalProperties { got } => {
            for name in got {
                add(child(name), explain_field(&pointer, name));
            }
        }
        ErrorKind::Required { want } => {
            for name in want {
                add(child(name), "is missing");
            }
        }
        ErrorKind::Not => add(pointer, "has two fields that exclude each other"),
        kind if error.causes.is_empty() => {
            let advice = advise_value(&pointer, kind);
            add(pointer, &advice.unwrap_or_else(|| kind.to_string()));
        }
        _ => error.causes.iter().for_each(|cause| collect_problems(cause, document, found)),
    }
}
