//! Whether a resource has the files that it must have. Something may have removed some or added
//! others since it was fetched.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::plan::Plan;

/// The files that have not been seen yet, with their sizes if these are known.
type Missing<'a> = BTreeMap<&'a str, Option<u64>>;

/// Whether a folder has the files and mount points of a plan and nothing else. The content of files
/// is not read.
pub(super) fn is_intact(folder: &Path, plan: &Plan) -> bool {
    let has_points = plan.mount_points.iter().all(|point| folder.join(point).is_dir());
    let files = plan.files.iter();
    let mut missing = files.map(|file| (file.path.as_str(), file.size_bytes)).collect();
    has_points && has_only(folder, "", &plan.folders(), &mut missing) && missing.is_empty()
}

/// Whether everything in a folder belongs there. `prefix` is its path in the resource.
fn has_only(
    folder: &Path,
    prefix: &str,
    folders: &BTreeSet<&str>,
    missing: &mut Missing<'_>,
) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };

    entries.into_iter().all(|entry| {
        let Ok(entry) = entry else { return false };
        let Ok(name) = entry.file_name().into_string() else { return false };
        let path = format!("{prefix}{name}");

        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => {
                let inner = format!("{path}/");
                folders.contains(path.as_str()) && has_only(&entry.path(), &inner, folders, missing)
            }
            Ok(metadata) if metadata.is_file() => {
                let size = missing.remove(path.as_str());
                size.is_some_and(|size| size.is_none_or(|size| size == metadata.len()))
            }
            Ok(_) | Err(_) => false,
        }
    })
}
