//! Whether a container would change a folder of the host that it can only read. Engines create the
//! missing parts of a path in the folder that is mounted there, and podman copies files to the
//! folder of the host behind a mount, read-only or not.

use std::path::Path;

use crate::{HostFolder, Mount};

/// Returns why a container with these folders and volumes is refused; `None` if it changes no
/// folder of the host. The paths have no `..`.
pub(crate) fn find_overlap(folders: &[HostFolder<'_>], mounts: &[Mount<'_>]) -> Option<String> {
    let read_only = folders.iter().enumerate().filter(|(_, folder)| !folder.is_copied);

    for (index, outer) in read_only {
        let others = folders.iter().enumerate().filter(|(other, _)| *other != index);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &str, is_copied: bool) -> HostFolder<'_> {
        HostFolder { folder: Path::new("/host"), path, is_copied }
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
