//! Paths in a container.

use schemars::{Schema, SchemaGenerator, json_schema};

use super::error::{DefinitionError, refuse_field};
use crate::schema::regexes::CONTAINER_PATH;

/// The longest path in a container, in bytes.
const MAX_CONTAINER_PATH_BYTES: usize = 1024;
/// Folders without which an image's programs do not run. A volume would hide them.
const SYSTEM_FOLDERS: [&str; 11] = [
    "/",
    "/bin",
    "/boot",
    "/etc",
    "/lib",
    "/lib64",
    "/sbin",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/sbin",
];
/// Folders that the engine itself provides while the container runs, and all that is in them.
const ENGINE_FOLDERS: [&str; 3] = ["/dev", "/proc", "/sys"];

/// Checks an absolute path in a container. Container engines give `:` and `,` a meaning of their
/// own.
pub(super) fn check_container_path(pointer: &str, path: &str) -> Result<(), DefinitionError> {
    let is_special = |c: char| c.is_control() || matches!(c, ':' | ',');
    let goes_up = path.split('/').any(|part| part == "..");

    if path.starts_with('/')
        && path.len() <= MAX_CONTAINER_PATH_BYTES
        && !goes_up
        && !path.chars().any(is_special)
    {
        return Ok(());
    }
    refuse_field(pointer, "must be an absolute path in the container, without `..`, `:` and `,`")
}

/// Checks that a volume can be mounted at a path.
pub(super) fn check_mount_path(pointer: &str, path: &str) -> Result<(), DefinitionError> {
    check_container_path(pointer, path)?;

    let normal = normalize_path(path);
    if SYSTEM_FOLDERS.contains(&normal.as_str()) || is_engine_path(&normal) {
        return refuse_field(
            pointer,
            format!(
                "cannot be a volume: `{normal}` is a folder of the system; mount the volume at a \
                 folder of its own, such as `/data`"
            ),
        );
    }
    Ok(())
}

/// Checks that what is at a path can be kept once the container has ended.
pub(super) fn check_output_path(pointer: &str, path: &str) -> Result<(), DefinitionError> {
    check_container_path(pointer, path)?;

    let normal = normalize_path(path);
    if is_engine_path(&normal) {
        return refuse_field(
            pointer,
            format!(
                "cannot be kept: what is in `{normal}` is gone once the container has ended; \
                 write to another folder, such as `/output`"
            ),
        );
    }
    Ok(())
}

/// The normal form of an absolute path, in which paths are compared: without `.`, double slashes
/// and a slash at its end.
pub(super) fn normalize_path(path: &str) -> String {
    let names = path.split('/').filter(|part| !part.is_empty() && *part != ".");
    let normal: String = names.map(|name| format!("/{name}")).collect();

    if normal.is_empty() { "/".to_owned() } else { normal }
}

fn is_engine_path(normal: &str) -> bool {
    ENGINE_FOLDERS.iter().any(|folder| {
        normal.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// The schema of a path in a container.
pub(super) fn container_path_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": CONTAINER_PATH,
        "maxLength": MAX_CONTAINER_PATH_BYTES,
    })
}

/// The schema of an optional path in a container.
pub(super) fn optional_container_path_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "null"],
        "pattern": CONTAINER_PATH,
        "maxLength": MAX_CONTAINER_PATH_BYTES,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_are_not_mounted_over_the_system() {
        for path in ["/", "//", "/./", "/usr/", "/usr/./bin", "/proc", "/sys/fs", "/dev//shm/"] {
            let error = check_mount_path("/dest", path).unwrap_err().to_string();
            assert!(error.starts_with("/dest: cannot be a volume: `/"), "{path}: {error}");
        }
        for path in ["/data", "/usr/src/app", "/etc/app", "/devices", "/process", "/home", "/tmp"] {
            assert!(check_mount_path("/dest", path).is_ok(), "{path}");
        }
        for path in ["data", "/a/../..", "/a:b"] {
            assert!(check_mount_path("/dest", path).is_err(), "{path}");
        }
    }

    #[test]
    fn what_the_engine_provides_is_not_kept() {
        for path in ["/dev/shm/model", "/proc/1", "/./sys"] {
            let error = check_output_path("/output", path).unwrap_err().to_string();
            assert!(error.contains("is gone once the container has ended"), "{path}: {error}");
        }
        for path in ["/", "/etc/passwd", "/tmp/model"] {
            assert!(check_output_path("/output", path).is_ok(), "{path}");
        }
    }

    #[test]
    fn one_path_has_one_normal_form() {
        for (path, normal) in
            [("/a//b/./", "/a/b"), ("/a/b", "/a/b"), ("//", "/"), ("/.a/..b", "/.a/..b")]
        {
            assert_eq!(normalize_path(path), normal);
        }
    }
}
