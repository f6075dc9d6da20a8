//! `cargo xtask mutants`: changes the rules one operator or result at a time, and fails if the unit
//! tests of the protocol crate still pass.
//!
//! `.cargo/mutants.toml` names the crate, and the changes that no input can tell from the original.

use std::{
    env::consts::EXE_SUFFIX,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    cache::{self, Draft},
    layout,
    progress::Steps,
    shell,
};

/// The version of cargo-mutants. Another one may make other changes.
const VERSION: &str = "27.1.0";
/// The exit status of cargo-mutants if tests pass in spite of a change.
const SURVIVED: i32 = 2;

/// Which changes to try.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Regular expressions of changes to try, such as `clocks.rs` or `is_due`; defaults to all
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
}

/// Tries the changes, with the progress on this terminal.
pub fn run_mutants(options: &Options) -> Result<()> {
    let binary = ensure_installed()?;
    let folder = layout::target_folder().join("mutants");

    let mut mutants = Command::new(&binary);
    mutants.args(["mutants", "--dir"]).arg(layout::root_folder()).arg("--output").arg(&folder);
    for filter in &options.filters {
        mutants.args(["--re", filter]);
    }
    let status =
        mutants.status().with_context(|| format!("cannot start `{}`", binary.display()))?;

    match status.code() {
        Some(0) => Ok(()),
        Some(SURVIVED) => bail!(
            "the tests pass in spite of the changes in {}; write a test that fails with each, or \
             exclude it in .cargo/mutants.toml if no input can tell it from the original",
            folder.join("mutants.out/missed.txt").display()
        ),
        _ => bail!(
            "cargo-mutants failed ({status}); its logs are in {}",
            folder.join("mutants.out").display()
        ),
    }
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

    std::fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))
}

/// Path of the binary in the folder that `cargo install` fills.
fn binary_path() -> PathBuf {
    Path::new("bin").join(format!("cargo-mutants{EXE_SUFFIX}"))
}
