//! Paths within the work folder.

use super::{DefinitionError, invalid};

/// The longest path or pattern, in bytes.
pub(crate) const MAX_PATH_BYTES: usize = 1024;

/// Checks that a path cannot leave the work folder. `may_be_root` allows `.`, the work folder
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
        return invalid(
            pointer.into(),
            format!("has {} bytes; at most {MAX_PATH_BYTES} are allowed", path.len()),
        );
    }
    let is_name = |part: &str| !part.is_empty() && part != "." && part != "..";
    if path.chars().any(char::is_control) || !path.split('/').all(is_name) {
        let problem = "must be a path like `a/b`, relative to the work folder: no `/` at either end, no `.`, no `..`, \
                       no control characters";
        return invalid(pointer.into(), problem.into());
    }
    Ok(())
}
