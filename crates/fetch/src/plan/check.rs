//! Which files a resource may have. Sources choose their number and their paths.

use std::collections::BTreeSet;

use super::{MAX_FILES, Plan, PlannedFile};

/// The most folders of one resource. Each takes room, however small the files are.
const MAX_FOLDERS: usize = 10_000;
/// The most names in a path.
const MAX_DEPTH: usize = 32;
/// The longest path of a file, in bytes.
const MAX_PATH_BYTES: usize = 1024;
/// The longest name that file systems have, in bytes.
const MAX_NAME_BYTES: usize = 255;
/// The longest part of a path that an error quotes, in characters.
const MAX_QUOTED_CHARACTERS: usize = 100;

impl Plan {
    /// Checks what a source chose: paths stay inside the folder, and all of them can exist.
    pub(super) fn check_files(&self) -> Result<(), String> {
        if self.files.is_empty() {
            return Err("it has no files".to_owned());
        }
        if self.files.len() > MAX_FILES {
            return Err(format!("it has more than {MAX_FILES} files; name those to fetch"));
        }

        let mut paths = BTreeSet::new();
        let mut folders = BTreeSet::new();
        for PlannedFile { path, .. } in &self.files {
            check_path(path)?;
            if !paths.insert(path.as_str()) {
                return Err(format!("it has two files `{}`", quote(path)));
            }
            folders.extend(parent_folders(path));
            if folders.len() > MAX_FOLDERS {
                return Err(format!("it has more than {MAX_FOLDERS} folders"));
            }
        }

        if let Some(path) = paths.intersection(&folders).next() {
            return Err(format!("its file `{}` is a folder as well", quote(path)));
        }
        self.mount_points.iter().try_for_each(|point| check_mount_point(point, &paths))
    }
}

/// Checks that another resource, mounted at `point`, hides no file, and that its folder can exist.
fn check_mount_point(point: &str, paths: &BTreeSet<&str>) -> Result<(), String> {
    if !is_valid_path(point) {
        return Err(format!("it cannot have the folder `{}` of another resource", quote(point)));
    }

    match paths.iter().find(|path| is_within(path, point) || is_within(point, path)) {
        Some(path) => Err(format!(
            "its file `{}` is where another resource of the container has its folder `{}`; \
             choose a `target` beside it",
            quote(path),
            quote(point)
        )),
        None => Ok(()),
    }
}

fn check_path(path: &str) -> Result<(), String> {
    if is_valid_path(path) {
        return Ok(());
    }
    Err(format!("its file `{}` does not have a valid path", quote(path)))
}

fn is_valid_path(path: &str) -> bool {
    let is_name = |part: &str| !matches!(part, "" | "." | "..") && part.len() <= MAX_NAME_BYTES;
    let has_names = path.split('/').all(is_name) && path.split('/').count() <= MAX_DEPTH;
    let is_special = |character: char| character.is_control() || character == '\\';

    has_names && path.len() <= MAX_PATH_BYTES && !path.contains(is_special)
}

/// Whether a path is a folder or is below it.
fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The folders above a file, from the inside to the outside.
pub(super) fn parent_folders(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(end, _)| &path[..end])
}

fn quote(path: &str) -> String {
    path.chars().take(MAX_QUOTED_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        disk::{FOLDER_BYTES, disk_bytes},
        plan::FileSource,
    };

    fn plan<P: Into<String>>(paths: impl IntoIterator<Item = P>) -> Plan {
        let file = |path: P| PlannedFile {
            path: path.into(),
            source: FileSource::Content(Vec::new()),
            size_bytes: Some(0),
            sha256: None,
        };
        let files = paths.into_iter().map(file).collect();
        Plan { version: None, files, mount_points: Vec::new() }
    }

    #[test]
    fn files_stay_inside_the_folder() {
        let deep = "a/".repeat(31) + "a";
        for path in ["a", "a/b.c", "..a/b..", "sha256-0a", &deep, &"a".repeat(255)] {
            assert_eq!(plan([path]).check_files(), Ok(()), "{path}");
        }

        let [long, deep] = ["a".repeat(256), "a/".repeat(32) + "a"];
        for path in ["", "/a", "a/", "a//b", "../a", "a/./b", "a\\b", "a\nb", "a\0b", &long, &deep]
        {
            let error = plan([path]).check_files().unwrap_err();
            assert!(error.contains("valid path") && error.len() < 200, "{path}: {error}");
        }
        assert_eq!(plan([""; 0]).check_files().unwrap_err(), "it has no files");
    }

    #[test]
    fn all_files_can_exist_at_once() {
        for paths in [["a", "a/b"], ["a/b/c", "a"], ["a/b/c/d", "a/b"]] {
            let error = plan(paths).check_files().unwrap_err();
            assert!(error.ends_with("is a folder as well"), "{error}");
        }
        assert_eq!(plan(["a", "b/a", "a"]).check_files().unwrap_err(), "it has two files `a`");
        assert_eq!(plan(["a", "ab", "a.b/c", "b/a"]).check_files(), Ok(()));
    }

    #[test]
    fn folders_and_empty_files_are_bounded_and_take_room() {
        let wide = |folders: usize| plan((0..folders).map(|folder| format!("{folder}/a")));
        assert_eq!(wide(10_000).check_files(), Ok(()));
        let deep = plan((0..400).map(|file| format!("{file}{}", "/a".repeat(30))));
        assert_eq!(deep.check_files().unwrap_err(), "it has more than 10000 folders");

        let small = plan(["a", "b/c/d"]);
        assert_eq!(small.folders(), BTreeSet::from(["b", "b/c"]));
        assert_eq!(small.known_bytes(), 3 * FOLDER_BYTES + 2 * disk_bytes(0));
    }

    #[test]
    fn a_mounted_resource_hides_no_file() {
        let check = |point: &str| {
            let mount_points = vec![point.to_owned()];
            Plan { mount_points, ..plan(["a", "b/c", "b/cd/e"]) }.check_files()
        };
        for point in ["a", "a/x", "b", "b/c", "b/c/x/y", "b/cd"] {
            let error = check(point).unwrap_err();
            let end = format!("has its folder `{point}`; choose a `target` beside it");
            assert!(error.starts_with("its file `") && error.ends_with(&end), "{error}");
        }
        for point in ["c", "ab", "b/d", "b/cd/f/g"] {
            assert_eq!(check(point), Ok(()), "{point}");
        }
        let error = check(&"x".repeat(256)).unwrap_err();
        assert!(error.contains("cannot have the folder"), "{error}");
    }

    #[test]
    fn mount_points_are_folders_and_take_room() {
        let mount_points = vec!["x/y".to_owned()];
        let placed = Plan { mount_points, ..plan(["a", "b/c"]) };
        assert_eq!(placed.folders(), BTreeSet::from(["b", "x", "x/y"]));
        assert_eq!(placed.folder_bytes(), 4 * FOLDER_BYTES);
    }
}
