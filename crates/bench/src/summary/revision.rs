//! The commit of a checkout, and how many files differ from it.

use std::{path::Path, process::Command};

use super::capture::capture_output;

/// The parts of a checkout that the benchmarks measure, or build what they measure from. The
/// simulation of markets contains the baseline, and two suites are benchmarks.
const MEASURED_PARTS: [&str; 14] = [
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "bench/baseline.json",
    "crates",
    "idl",
    "migrations",
    "programs",
    "rust-toolchain.toml",
    "tests/Cargo.toml",
    "tests/src",
    "tests/tests/compute",
    "tests/tests/throughput",
    "xtask",
];
/// What changes no figure in these parts: documentation, and the tests of the crates.
const UNMEASURED_FILES: [&str; 2] = [":(exclude)*.md", ":(exclude,glob)crates/**/tests/**"];

/// The commit of a checkout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// The commit; `None` without git, or without a repository.
    pub commit: Option<String>,
    /// How many files differ from it; `None` if git does not say.
    pub changed_files: Option<usize>,
    /// How many of them are measured, or what is measured is built from them.
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
            changed_measured: count_changes(
                root,
                &[&MEASURED_PARTS[..], &UNMEASURED_FILES].concat(),
            ),
        }
    }

    /// Returns the commit, and how many files differ from it; `None` if it is not known.
    pub fn describe_commit(&self) -> Option<String> {
        let commit = self.commit.as_ref()?;
        Some(format!("{commit}; {}", describe_changes(self.changed_files)))
    }
}

/// Says how many files differ, if that is known.
pub fn describe_changes(changed_files: Option<usize>) -> String {
    match changed_files {
        None => "whether files differ is not known".to_owned(),
        Some(0) => "no file differs".to_owned(),
        Some(1) => "1 file differs".to_owned(),
        Some(count) => format!("{count} files differ"),
    }
}

/// Counts the files of these pathspecs that differ from the commit, each file of a new folder too;
/// all files if there are none.
fn count_changes(root: &Path, pathspecs: &[&str]) -> Option<usize> {
    let mut git = Command::new("git");
    git.args(["status", "--porcelain", "--untracked-files=all", "--"]).args(pathspecs);

    capture_output(git.current_dir(root)).map(|changes| changes.lines().count())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    /// The top of the repository without the parts that are measured, and without Markdown.
    const UNMEASURED_PARTS: [&str; 12] = [
        ".ci",
        ".editorconfig",
        ".gitattributes",
        ".gitignore",
        "Anchor.toml",
        "LICENSE",
        "_typos.toml",
        "apps",
        "clients",
        "deny.toml",
        "docs",
        "rustfmt.toml",
    ];

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

        let unmeasured =
            ["crates/new.md", "crates/a/tests/b.rs", "crates/a/src/b/tests/c.rs", "tests/s3/a.py"];
        for path in unmeasured {
            write_file(root, path, "after");
        }
        let tested = Revision::read(root);
        assert_eq!((tested.changed_files, tested.changed_measured), (Some(7), Some(0)));

        let measured =
            ["crates/lib.rs", "crates/new/one.rs", "crates/new/two.rs", "tests/src/lib.rs"];
        for path in measured {
            write_file(root, path, "after");
        }
        let changed = Revision::read(root);
        assert_eq!((changed.changed_files, changed.changed_measured), (Some(11), Some(4)));
        assert!(changed.describe_commit().unwrap().ends_with("; 11 files differ"));
    }

    /// The checkout that this test is compiled in.
    fn repository_root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
    }

    #[test]
    fn every_measured_part_exists() {
        for part in MEASURED_PARTS {
            assert!(repository_root().join(part).exists(), "{part}");
        }
    }

    #[test]
    fn every_part_of_the_repository_is_known_as_measured_or_not() {
        let mut git = Command::new("git");
        let listed = capture_output(git.arg("ls-files").current_dir(repository_root())).unwrap();
        let tops = listed.lines().filter_map(|path| path.split('/').next());
        let found: BTreeSet<&str> = tops.filter(|name| !name.ends_with(".md")).collect();

        let measured = MEASURED_PARTS.iter().filter_map(|part| part.split('/').next());
        let known: BTreeSet<&str> = measured.chain(UNMEASURED_PARTS).collect();
        assert_eq!(found, known);
    }

    #[test]
    fn a_folder_without_a_repository_has_no_commit() {
        let folder = tempfile::tempdir().unwrap();
        let revision = Revision::read(folder.path());
        assert_eq!(revision, Revision::default());
        assert_eq!(revision.describe_commit(), None);
    }
}
