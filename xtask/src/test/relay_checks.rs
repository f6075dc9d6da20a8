//! The step that runs endpoints over a relay, and the relay's program.
//!
//! The program is not a dependency of the workspace: a relay server adds features to `ring` and
//! others, so that a large part of the workspace would be compiled a second time.

use std::{
    env::{self, consts::EXE_SUFFIX},
    fs,
    path::Path,
    process::Command,
};

use anyhow::{Context, Result};

use super::{cargo_checks::clippy_cargo, host_checks, step::Outcome};
use crate::{layout, shell};

/// The program of a relay.
const PROGRAM: &str = "iroh-relay";
/// Its version: that of the library in nodes and clients.
const VERSION: &str = "1.4.1";
/// Names the program, unless it is on `PATH`. The tests read it, too.
const VARIABLE: &str = "IROH_RELAY";

/// Runs the tests of connections over a relay on the loopback interface. Where its program cannot
/// be installed, the outcome says so.
pub fn test_relay() -> Result<Outcome> {
    let arguments =
        ["test", "--locked", "--workspace", "--test", "net", "--", "--ignored", "relay::"];
    let mut cargo = clippy_cargo(&arguments)?;
    host_checks::configure_program(&mut cargo);

    if !provide_relay(&mut cargo) {
        return Ok(Outcome::Skipped(
            "NOTICE: no iroh-relay here, and it cannot be installed, so no endpoints reached each \
             other over a relay; tests/README.md says how to install it",
        ));
    }
    shell::run(&mut cargo)?;
    Ok(Outcome::Passed)
}

/// Names the relay's program to the tests that this command runs, and installs it if it is missing.
/// Returns false where it cannot be installed.
pub fn provide_relay(tests: &mut Command) -> bool {
    if env::var_os(VARIABLE).is_some() || shell::on_path(PROGRAM) {
        return true;
    }

    let folder = layout::target_folder().join(PROGRAM);
    let program = folder.join("bin").join(format!("{PROGRAM}{EXE_SUFFIX}"));
    if !is_current(&program)
        && let Err(error) = install_relay(&folder)
    {
        eprintln!("{error:#}");
        return false;
    }

    tests.env(VARIABLE, program);
    true
}

/// Whether the program runs and has this version.
fn is_current(program: &Path) -> bool {
    let version = shell::capture(Command::new(program).arg("--version"));
    version.is_ok_and(|version| version.trim().ends_with(VERSION))
}

/// Builds the program and puts it into the folder. An interrupted build continues where it stopped.
fn install_relay(folder: &Path) -> Result<()> {
    let build = folder.join("build");
    eprintln!("{PROGRAM} is missing; building it once from crates.io, which takes some minutes");

    let mut cargo = shell::cargo();
    cargo
        .args(["install", PROGRAM, "--version", VERSION, "--locked", "--features", "server"])
        .args(["--debug", "--force", "--root"])
        .arg(folder)
        .current_dir(layout::root_folder())
        .env("CARGO_TARGET_DIR", &build);
    shell::run(&mut cargo).with_context(|| format!("cannot install {PROGRAM}"))?;

    fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))
}
