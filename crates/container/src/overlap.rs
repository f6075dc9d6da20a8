//! Whether a container would change a folder of the host that it can only read. Engines create the
//! missing parts of a path in the folder that is mounted there, and podman copies files to the
//! folder of the host behind a mount, read-only or not. Another folder that is only read may be
//! mounted where the outer one has a folder for it already.

use std::{fs, path::Path};

use crate::{HostFolder, Mount};

/// Returns why a container with these folders and volumes is refused; `None` if it changes no
/// folder of the host. The paths have no `..`.
pub(crate) fn find_overlap(folders: &[HostFolder<'_>], mounts: &[Mount<'_>]) -> Option<String> {
    let read_only = folders.iter().enumerate().filter(|(_, folder)| !folder.is_copied);

    for (index, outer) in read_only {
        let others = folders.iter().enumerate().filter(|(other, _)| *other != index);
        let others = others.filter(|(_, inner)| !has_mount_point(outer, inner));
        let paths = others.map(|(_, folder)| folder.path);
        let mut paths = paths.chain(mounts.iter().map(|mount| mount.path));

        // Compares the names in the paths, whatever slashes and dots they have.
        if let Some(inner) = paths.find(|path| Path::new(path).starts_with(outer.path)) {
            return Some(format!(
                "{inner} is in {}, which the container cannot change; choose a folder beside it",
                outer.path
            ));
        }
    }
    None
}

/// Whether the outer folder has a folder at the path of the inner one, so that the engine creates
/// none there.
fn has_mount_point(outer: &HostFolder<'_>, inner: &HostFolder<'_>) -> bool {
    let Ok(below) = Path::new(inner.path).strip_prefix(outer.path) else { return false };
    if inner.is_copied || below.as_os_str().is_empty() {
        return false;
    }

    let found = fs::symlink_metadata(outer.folder.join(below));
    found.is_ok_and(|metadata| metadata.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &str, is_copied: bool) -> HostFolder<'_> {
        HostFolder { folder: Path::new("/host"), path, is_copied }
    }

    #[test]
    fn a_folder_that_is_only_read_may_be_where_the_outer_one_has_a_place() {
        let host = tempfile::tempdir().unwrap();
        fs::create_dir_all(host.path().join("onnx/inner")).unwrap();
        fs::write(host.path().join("file"), "x").unwrap();
        let models = HostFolder { folder: host.path(), path: "/models/", is_copied: false };

        for path in ["/models/onnx", "//models/./onnx/", "/models/onnx/inner"] {
            assert_eq!(find_overlap(&[folder(path, false), models], &[]), None, "{path}");
            assert!(find_overlap(&[folder(path, true), models], &[]).is_some(), "{path}");
            assert!(find_overlap(&[models], &[Mount { name: "a", path }]).is_some(), "{path}");
        }
        for path in ["/models/file", "/models/new", "/models/onnx/new", "/models"] {
            assert!(find_overlap(&[models, folder(path, false)], &[]).is_some(), "{path}");
        }
    }

    #[test]
    fn nothing_is_put_into_a_folder_that_is_only_read() {
        let models = folder("/models/", false);
        for inner in ["/models", "/models/onnx", "//models/./onnx/"] {
            for is_copied in [false, true] {
                let problem = find_overlap(&[folder(inner, is_copied), models], &[]).unwrap();
                assert!(problem.contains("is in /models"), "{problem}");
            }
            let problem = find_overlap(&[models], &[Mount { name: "a", path: inner }]).unwrap();
            assert!(problem.starts_with(inner), "{problem}");
        }
    }

    #[test]
    fn folders_beside_each_other_and_in_volumes_or_copies_are_allowed() {
        let mounts = [Mount { name: "a", path: "/data" }, Mount { name: "b", path: "/copy/b" }];
        let folders = [
            folder("/models", false),
            folder("/models2", true),
            folder("/data/models", false),
            folder("/copy", true),
        ];
        assert_eq!(find_overlap(&folders, &mounts), None);
        assert_eq!(find_overlap(&[], &mounts), None);
    }
}
