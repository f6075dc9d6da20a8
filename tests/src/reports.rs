//! Where benchmarks write their reports, and what they are compared with.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use nosana_bench::summary::{baseline::Baseline, compare::Change, readme};

use crate::programs::deploy_folder;

/// The compiler whose figures `bench/baseline.json` and the README have.
pub const COMPARED_COMPILER: &str = "upstream";

/// Makes a suite write the baseline, if it is `1`.
pub const WRITE_BASELINE: &str = "NOSANA_WRITE_BASELINE";
/// Makes a suite leave the committed figures alone, if it is `1`: `cargo xtask bench` sets it,
/// because its page compares them, and because it writes the baseline only if nothing failed.
const SKIP_BASELINE: &str = "NOSANA_SKIP_BASELINE";

/// What a suite does with the committed figures: those of the baseline and of the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommittedFigures {
    /// It fails where they differ.
    Compare,
    /// It writes the baseline.
    Write,
    /// It leaves them alone, for this reason.
    Skip(&'static str),
}

impl CommittedFigures {
    /// Reads what the environment and the compiler of the programs require.
    pub fn from_environment() -> Self {
        let is_set = |variable| env::var(variable).is_ok_and(|value| value == "1");
        Self::choose(is_set(SKIP_BASELINE), is_set(WRITE_BASELINE), has_compared_compiler())
    }

    const fn choose(is_skipped: bool, is_written: bool, has_compared_compiler: bool) -> Self {
        if is_skipped {
            Self::Skip("the page compares them")
        } else if is_written {
            Self::Write
        } else if has_compared_compiler {
            Self::Compare
        } else {
            Self::Skip("another compiler built the programs")
        }
    }
}

/// Returns the folder of reports, which it creates.
pub fn report_folder() -> PathBuf {
    let folder = root_folder().join("target/bench");
    fs::create_dir_all(&folder).expect("the folder is writable");

    folder
}

/// Returns the path of the committed baseline.
pub fn baseline_path() -> PathBuf {
    root_folder().join("bench/baseline.json")
}

/// Returns the compiler that built the programs, as `cargo xtask build-programs` notes it.
pub fn read_compiler() -> String {
    let note = fs::read_to_string(deploy_folder().join("compiler.txt"));
    note.map_or_else(|_| "unknown".to_owned(), |note| note.trim().to_owned())
}

/// Whether the figures of the programs are comparable with those that are committed.
pub fn has_compared_compiler() -> bool {
    read_compiler() == COMPARED_COMPILER
}

/// Prints what differs from the baseline, and fails if a figure is worse. `command` writes the
/// baseline.
pub fn check_changes(changes: &[Change], command: &str) {
    for change in changes {
        println!("{change}");
    }

    let worse: Vec<String> =
        changes.iter().filter(|it| it.is_worse()).map(Change::to_string).collect();
    assert!(
        worse.is_empty(),
        "{}\nmake it cheaper, or say why in the commit and write the baseline:\n\
         {WRITE_BASELINE}=1 {command}",
        worse.join("\n")
    );
}

/// Fails unless the README's table has the figures of this baseline.
pub fn check_readme(baseline: &Baseline) {
    readme::check_readme(root_folder(), baseline).unwrap_or_else(|error| {
        panic!(
            "{error:#}\nif these are not the figures of the baseline, write it, too:\n\
             {WRITE_BASELINE}=1 cargo xtask bench --only costs --only throughput"
        )
    });
}

/// Writes the README's table with the figures of this baseline.
pub fn write_readme(baseline: &Baseline) {
    let written = readme::write_readme(root_folder(), baseline);
    written.unwrap_or_else(|error| panic!("{error:#}"));
}

fn root_folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[test]
fn a_suite_writes_the_baseline_only_if_it_is_told_to() {
    use CommittedFigures::{Compare, Skip, Write};

    assert_eq!(CommittedFigures::choose(false, false, true), Compare);
    assert_eq!(CommittedFigures::choose(false, true, false), Write);
    assert!(matches!(CommittedFigures::choose(false, false, false), Skip(_)));
    assert!(matches!(CommittedFigures::choose(true, true, true), Skip(_)));
}
