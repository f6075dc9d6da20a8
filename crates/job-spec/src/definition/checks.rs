//! Checks of counts and numbers, and the names of fields in JSON pointers.

use super::error::{DefinitionError, refuse_field, shorten};

/// Checks that a list has 1 to `max` elements. `what` names them in the plural.
pub(super) fn check_count(
    pointer: &str,
    what: &str,
    count: usize,
    max: usize,
) -> Result<(), DefinitionError> {
    if (1..=max).contains(&count) {
        return Ok(());
    }
    refuse_field(pointer, format!("has {count} {what}; 1 to {max} are allowed"))
}

/// Checks that a list has at most `max` elements. `what` names them in the plural.
pub(super) fn check_max_count(
    pointer: &str,
    what: &str,
    count: usize,
    max: usize,
) -> Result<(), DefinitionError> {
    if count <= max {
        return Ok(());
    }
    refuse_field(pointer, format!("has {count} {what}; at most {max} are allowed"))
}

/// Checks the range of an optional number.
pub(super) fn check_range(
    pointer: &str,
    value: Option<u64>,
    min: u64,
    max: u64,
) -> Result<(), DefinitionError> {
    match value {
        Some(value) if !(min..=max).contains(&value) => {
            refuse_field(pointer, format!("is {value}; {min} to {max} are allowed"))
        }
        _ => Ok(()),
    }
}

/// Escapes an object's key as a part of a JSON pointer (RFC 6901), and shortens a long one.
pub(crate) fn escape_key(key: &str) -> String {
    shorten(key).replace('~', "~0").replace('/', "~1")
}
