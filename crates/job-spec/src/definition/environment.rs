//! Environment variables of commands and containers.

use std::collections::BTreeMap;

use schemars::{Schema, SchemaGenerator, json_schema};

use super::{
    checks::{check_max_count, escape_key},
    error::{DefinitionError, refuse_field},
};
use crate::schema::regexes::NO_NUL;

/// The most variables of one operation.
pub const MAX_VARIABLES: usize = 128;
/// The longest value of a variable, in bytes.
pub const MAX_VARIABLE_BYTES: usize = 32 * 1024;
/// The largest size of all names and values together, in bytes: operating systems bound what a
/// program is started with.
pub const MAX_ENVIRONMENT_BYTES: usize = 256 * 1024;
/// The longest name of a variable, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// Checks the variables of an operation.
pub(super) fn check_environment(
    pointer: &str,
    env: &BTreeMap<String, String>,
) -> Result<(), DefinitionError> {
    check_max_count(pointer, "variables", env.len(), MAX_VARIABLES)?;

    for (name, value) in env {
        check_variable(&format!("{pointer}/{}", escape_key(name)), name, value)?;
    }

    let size: usize = env.iter().map(|(name, value)| name.len() + value.len()).sum();

    if size > MAX_ENVIRONMENT_BYTES {
        return refuse_field(
            pointer,
            format!(
                "has {size} bytes; at most {MAX_ENVIRONMENT_BYTES} are allowed; send a file as an \
                 input"
            ),
        );
    }
    Ok(())
}

fn check_variable(pointer: &str, name: &str, value: &str) -> Result<(), DefinitionError> {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    let starts_plain = name.bytes().next().is_some_and(|c| !c.is_ascii_digit());

    if !starts_plain || name.len() > MAX_NAME_BYTES || !name.bytes().all(is_plain) {
        return refuse_field(
            pointer,
            format!(
                "must have a name of 1 to {MAX_NAME_BYTES} ASCII letters, digits or `_` that does \
                 not begin with a digit"
            ),
        );
    }
    if value.len() > MAX_VARIABLE_BYTES || value.contains('\0') {
        return refuse_field(
            pointer,
            format!("must have at most {MAX_VARIABLE_BYTES} bytes and no NUL character"),
        );
    }
    Ok(())
}

/// The schema of the variables.
pub(super) fn environment_schema(_: &mut SchemaGenerator) -> Schema {
    let name = format!("^[A-Za-z_][A-Za-z0-9_]{{0,{}}}$", MAX_NAME_BYTES - 1);
    let value =
        json_schema!({ "type": "string", "pattern": NO_NUL, "maxLength": MAX_VARIABLE_BYTES });

    json_schema!({
        "type": "object",
        "maxProperties": MAX_VARIABLES,
        "patternProperties": { name: value },
        "additionalProperties": false,
    })
}
