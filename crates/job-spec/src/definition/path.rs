//! Paths relative to the work folder.

use schemars::{Schema, SchemaGenerator, json_schema};

use super::error::{DefinitionError, refuse_field};
use crate::schema::regexes::FOLDER;

/// The longest path or pattern, in bytes.
pub(super) const MAX_PATH_BYTES: usize = 1024;

/// Checks that a path stays inside the work folder. `may_be_root` allows `.`, the work folder
/// itself.
pub(super) fn check_path(
    pointer: &str,
    path: &str,
    may_be_root: bool,
) -> Result<(), DefinitionError> {
    if may_be_root && path == "." {
        return Ok(());
    }
    if path.len() > MAX_PATH_BYTES {
        return refuse_field(
            pointer,
            format!("has {} bytes; at most {MAX_PATH_BYTES} are allowed", path.len()),
        );
    }

    let is_name = |part: &str| !part.is_empty() && part != "." && part != "..";

    if path.chars().any(char::is_control) || !path.split('/').all(is_name) {
        return refuse_field(
            pointer,
            "must be a path like `a/b`, relative to the work folder, without `/` at either end, \
             `.`, `..` and control characters",
        );
    }
    Ok(())
}

/// The schema of a path below the work folder, or of the work folder itself.
pub(super) fn folder_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": FOLDER, "maxLength": MAX_PATH_BYTES })
}

/// The schema of an optional folder.
pub(super) fn optional_folder_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "pattern": FOLDER, "maxLength": MAX_PATH_BYTES })
}
