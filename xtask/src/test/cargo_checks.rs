//! The steps that run cargo: format, lints and tests of both workspaces.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{layout, shell, workspace};

/// Returns a cargo command that runs in the on-chain workspace.
fn programs_cargo(arguments: &[&str]) -> Command {
    let mut cargo = shell::cargo();
    cargo.args(arguments).current_dir(layout::programs_folder());
    cargo
}

/// Returns a cargo command that runs in the host workspace.
pub fn host_cargo(arguments: &[&str]) -> Command {
    let mut cargo = shell::cargo();
    cargo.args(arguments).current_dir(layout::root_folder()).env("OPENSSL_NO_VENDOR", "1");
    cargo
}

/// Checks the format of both workspaces.
pub fn check_format() -> Result<()> {
    shell::run(&mut host_cargo(&["fmt", "--all", "--check"]))?;
    shell::run(&mut programs_cargo(&["fmt", "--all", "--check"]))
}

/// Runs clippy on the on-chain workspace.
pub fn lint_programs() -> Result<()> {
    shell::run(&mut programs_cargo(&[
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--keep-going",
        "--",
        "-D",
        "warnings",
    ]))
}

/// Runs clippy and the unit tests of the protocol crate only.
pub fn test_protocol() -> Result<()> {
    let package = ["--locked", "--package", "nosana-protocol"];
    let mut clippy = host_cargo(&["clippy", "--all-targets"]);
    shell::run(clippy.args(package).args(["--", "-D", "warnings"]))?;

    shell::run(host_cargo(&["test"]).args(package))
}

/// Runs the unit tests of the on-chain workspace, with the features and flags of the IDL build, so
/// that the next step finds all dependencies compiled.
pub fn test_programs() -> Result<()> {
    let programs = workspace::list_programs()?.into_iter().filter(|program| program.has_idl);
    let features: Vec<String> =
        programs.map(|program| format!("{}/idl-build", program.package)).collect();

    let mut cargo = programs_cargo(&["test", "--locked", "--workspace", "--features"]);
    shell::run(cargo.arg(features.join(",")).env("RUSTFLAGS", "-A warnings"))
}

/// Returns a cargo command that runs in the host workspace with clippy as the compiler of this
/// workspace's crates: what it builds is linted and runs.
///
/// `cargo clippy` would check about 900 dependencies again, because it does not share its metadata
/// with a build, and a build beside it would compile this workspace a second time. All steps that
/// build or run tests use this command, so that they share its files.
pub fn clippy_cargo(arguments: &[&str]) -> Result<Command> {
    let bin = shell::cargo_bin().context("CARGO is not set; run this with `cargo xtask test`")?;
    let driver = bin.join("clippy-driver");
    if !driver.is_file() {
        bail!("cannot find clippy in {}; run `rustup component add clippy`", bin.display());
    }

    let mut cargo = host_cargo(arguments);
    cargo.env("RUSTC_WORKSPACE_WRAPPER", driver).env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings");
    Ok(cargo)
}

/// Builds the host workspace with its tests and examples, and runs clippy on it.
pub fn build_host() -> Result<()> {
    let arguments = ["build", "--locked", "--workspace", "--all-targets", "--keep-going"];

    shell::run(&mut clippy_cargo(&arguments)?)
}
