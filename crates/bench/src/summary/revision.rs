//! The commit of a checkout, and how many files differ from it.

use std::{path::Path, process::Command};

use super::capture::capture_output;

/// The parts of a checkout that the benchmarks measure, or build what they measure from. The
/// simulation of markets contains the baseline; documentation changes no figure.
const MEASURED_PARTS: [&str; 11] = [
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "bench/baseline.json",
    "crates",
    "idl",
    "migrations",
    "programs",
    "rust-toolchain.toml",
    "tests",
    "xtask",
];

/// The commit of a checkout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// The commit; `None` without git, or without a repository.
    pub commit: Option<String>,
    /// How many files differ from it; `None` if git does not say.
    pub changed_files: Option<usize>,
    /// How many of them are in the parts that are measured.
    pub changed_measured: Option<usize>,
}

impl Revision {
    /// Reads the commit of the checkout in `root`.
    pub fn read(root: &Path) -> Self {
        let commit =
            capture_output(Command::new("git").args(["rev-parse", "HEAD"]).current_dir(root));

        Self {
            commit: commit.map(|commit| commit.trim().to_owned()),
            changed_files: count_changes(root, &[]),
            changed_measured: count_changes(root, &MEASURED_PARTS),
        }
    }

    /// Returns the commit, and how many files differ from it; `None` if it is not known.
    pub fn describe_commit(&self) -> Option<String> {
        let commit = self.commit.as_ref()?;
        let unknown = || "whether files differ is not known".to_owned();
        let state = self.changed_files.map_or_else(unknown, describe_changes);
        Some(format!("{commit}; {state}"))
    }
}

/// Says how many files differ.
pub fn describe_changes(count: usize) -> String {
    match count {
        0 => "no file differs".to_owned(),
        1 => "1 file differs".to_owned(),
        count => format!("{count} files differ"),
    }
}

/// Counts the files of these parts that differ from the commit, each file of a new folder too; all
/// files if there are no parts.
fn count_changes(root: &Path, parts: &[&str]) -> Option<usize> {
    let mut git = Command::new("git");
    git.args(["status", "--porcelain", "--untracked-files=all", "--"]).args(parts);

    capture_output(git.current_dir(root)).map(|changes| changes.lines().count())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Runs git in this folder.
    fn run_git(root: &Path, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=test", "-c", "user.email=test@localhost"])
            .args(["-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(root);
        assert!(capture_output(&mut git).is_some(), "git {arguments:?} fails");
    }

    fn write_file(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn files_outside_of_the_measured_parts_do_not_count_as_measured() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for path in ["crates/lib.rs", "bench/measured.json", "README.md"] {
            write_file(root, path, "before");
        }
        run_git(root, &["init", "--quiet"]);
        run_git(root, &["add", "."]);
        run_git(root, &["commit", "--quiet", "--message", "all"]);

        let clean = Revision::read(root);
        assert_eq!((clean.changed_files, clean.changed_measured), (Some(0), Some(0)));
        assert!(clean.describe_commit().unwrap().ends_with("; no file differs"));

        for path in ["bench/measured.json", "README.md", "docs/new.md"] {
            write_file(root, path, "after");
        }
        let documented = Revision::read(root);
        assert_eq!((documented.changed_files, documented.changed_measured), (Some(3), Some(0)));

        for path in ["crates/lib.rs", "crates/new/one.rs", "crates/new/two.rs"] {
            write_file(root, path, "after");
        }
        let changed = Revision::read(root);
        assert_eq!((changed.changed_files, changed.changed_measured), (Some(6), Some(3)));
        assert!(changed.describe_commit().unwrap().ends_with("; 6 files differ"));
    }

    #[test]
    fn every_measured_part_exists() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        for part in MEASURED_PARTS {
            assert!(root.join(part).exists(), "{part}");
        }
    }

    #[test]
    fn a_folder_without_a_repository_has_no_commit() {
        let folder = tempfile::tempdir().unwrap();
        let revision = Revision::read(folder.path());
        assert_eq!(revision, Revision::default());
        assert_eq!(revision.describe_commit(), None);
    }
}
