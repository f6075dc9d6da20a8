//! Where benchmarks write their reports, and what they are compared with.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::programs::deploy_folder;

/// The compiler whose figures `bench/baseline.json` and the README have.
pub const COMPARED_COMPILER: &str = "upstream";

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

/// Fails unless the README's table has a row that begins with this name and this figure.
pub fn check_readme_row(name: &str, figure: &str) {
    let readme = fs::read_to_string(root_folder().join("README.md")).expect("there is a README");

    let expected = format!("| {name} | {figure} |");
    assert!(readme.contains(&expected), "the README is stale: it should have `{expected}`");
}

fn root_folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
