//! `cargo xtask mutants`: changes the rules one operator or result at a time, and fails if the unit
//! tests of the protocol crate still pass.
//!
//! `.cargo/mutants.toml` names the crate, and the changes that no input distinguishes from the original.

use std::{
    env::consts::EXE_SUFFIX,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use regex::RegexSet;

use crate::{
    cache::{self, Draft},
    layout,
    progress::Steps,
    shell,
};

/// The version of cargo-mutants. Another one may make other changes.
const VERSION: &str = "27.1.0";
/// Exit statuses of cargo-mutants that tried every change: the tests failed with each, passed with
/// some, or did not end with some.
const COMPLETE: [i32; 3] = [0, 2, 3];

/// What the help of the command says after its arguments.
const AFTER_HELP: &str = "\
All changes take half an hour. The results are in target/mutants/mutants.out: missed.txt lists the
changes that no test notices, diff/ has each change, log/ what the tests print.

CONTRIBUTING.md says what to do with a change that no test notices.";

/// Which changes to try.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// Regular expressions of the changes to try, such as `clocks.rs`, `is_due` or `replace <`;
    /// defaults to all
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
}

/// Tries the changes, with the progress on this terminal.
pub fn run_mutants(options: &Options) -> Result<()> {
    let filters = RegexSet::new(&options.filters).context("not a valid filter")?;
    let binary = ensure_installed()?;
    let output = layout::target_folder().join("mutants");

    let mut mutants = Command::new(&binary);
    mutants.args(["mutants", "--dir"]).arg(layout::root_folder()).arg("--output").arg(&output);
    for filter in &options.filters {
        mutants.args(["--re", filter]);
    }
    // That a test fails is enough: nobody reads its smallest input and its stack. And an input that
    // found one change must not find the next: the committed tests have to.
    mutants
        .env("PROPTEST_MAX_SHRINK_ITERS", "0")
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true")
        .env("RUST_BACKTRACE", "0");
    let status =
        mutants.status().with_context(|| format!("cannot start `{}`", binary.display()))?;

    let results = output.join("mutants.out");
    if !status.code().is_some_and(|code| COMPLETE.contains(&code)) {
        bail!("cargo-mutants failed ({status}); its logs are in {}", results.display());
    }
    check_results(&results, &filters)
}

/// Fails if the tests passed in spite of a change, or if there was none to try.
fn check_results(results: &Path, filters: &RegexSet) -> Result<()> {
    let missed = count_changes(results, "missed.txt", filters)?;
    // A change that does not compile needs no test, and a test that does not end has not passed.
    let mut tried = missed;
    for name in ["caught.txt", "timeout.txt", "unviable.txt"] {
        tried += count_changes(results, name, filters)?;
    }

    if missed > 0 {
        bail!(
            "the tests pass in spite of {missed} of {tried} changes, see {}; write a test that \
             fails with each, see CONTRIBUTING.md",
            results.join("missed.txt").display()
        );
    }
    if tried == 0 {
        bail!("no change matches; give the name of a file or function of crates/protocol");
    }
    Ok(())
}

/// Counts the changes in one of the lists that cargo-mutants writes. A list also has changes that
/// match no filter: cargo-mutants omits a field of a structure whatever the filters.
fn count_changes(results: &Path, name: &str, filters: &RegexSet) -> Result<usize> {
    let path = results.join(name);
    let list =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;

    Ok(list.lines().filter(|line| filters.is_empty() || filters.is_match(line)).count())
}

/// Finds cargo-mutants on `PATH` or in the cache, or builds it.
fn ensure_installed() -> Result<PathBuf> {
    let installed = shell::capture(Command::new("cargo-mutants").args(["mutants", "--version"]));
    if installed.is_ok_and(|version| version.trim().ends_with(VERSION)) {
        return Ok("cargo-mutants".into());
    }

    let folder = cache::make_folder(&format!("cargo-mutants-{VERSION}"), |draft| {
        Steps::new("cargo-mutants is missing; building it once, which takes minutes", 1)
            .run_step(&format!("cargo-mutants {VERSION} from crates.io"), || install(draft))
    })?;
    Ok(folder.join(binary_path()))
}

/// Builds cargo-mutants. An interrupted build continues where it stopped.
fn install(draft: &Draft) -> Result<()> {
    let build = draft.partial.join("build");

    let mut cargo = shell::cargo();
    cargo
        .args(["install", "--locked", "--version", VERSION, "cargo-mutants", "--root"])
        .arg(&draft.partial)
        .current_dir(layout::root_folder())
        .env("CARGO_TARGET_DIR", &build);
    shell::run_logged(&mut cargo, &draft.log).context("cannot install cargo-mutants")?;

    fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))
}

/// Path of the binary in the folder that `cargo install` fills.
fn binary_path() -> PathBuf {
    Path::new("bin").join(format!("cargo-mutants{EXE_SUFFIX}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The outcome for these lists of changes.
    fn check_lists(folder: &str, missed: &str, timeout: &str, filter: &[&str]) -> Result<()> {
        let results = std::env::temp_dir().join(format!("mutants-{folder}-{}", std::process::id()));
        fs::create_dir_all(&results).unwrap();
        for (name, list) in
            [("missed", missed), ("timeout", timeout), ("caught", ""), ("unviable", "")]
        {
            fs::write(results.join(name).with_extension("txt"), list).unwrap();
        }

        let outcome = check_results(&results, &RegexSet::new(filter).unwrap());
        fs::remove_dir_all(&results).unwrap();
        outcome
    }

    #[test]
    fn a_change_that_no_test_notices_is_an_error_also_beside_an_endless_test() {
        let error = check_lists("missed", "a.rs: x\n", "a.rs: y\n", &[]).unwrap_err().to_string();
        assert!(error.contains("1 of 2 changes"), "{error}");
        check_lists("timeout", "", "a.rs: y\n", &[]).unwrap();
    }

    #[test]
    fn a_filter_that_matches_nothing_is_an_error() {
        let error = check_lists("filter", "", "a.rs: y\n", &["b.rs"]).unwrap_err().to_string();
        assert!(error.contains("no change matches"), "{error}");
    }
}
