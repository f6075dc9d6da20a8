//! Names of operations, groups, volumes and results.

use schemars::{Schema, SchemaGenerator, json_schema};

use super::error::{DefinitionError, refuse_field};

/// The longest name, in bytes.
pub(super) const MAX_ID_BYTES: usize = 64;

/// Checks that a name has 1 to 64 ASCII letters, digits, `-` or `_`.
pub(super) fn check_id(pointer: &str, id: &str) -> Result<(), DefinitionError> {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';

    if (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(is_plain) {
        return Ok(());
    }
    refuse_field(pointer, format!("must be 1 to {MAX_ID_BYTES} ASCII letters, digits, `-` or `_`"))
}

/// The schema of a name.
pub(crate) fn id_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": MAX_ID_BYTES })
}
