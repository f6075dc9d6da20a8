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
    let build = folder.join("build");
    let program = folder.join("bin").join(format!("{PROGRAM}{EXE_SUFFIX}"));
    if !is_current(&program)
        && let Err(error) = install_relay(&folder, &build)
    {
        eprintln!("{error:#}");
        return false;
    }

    remove_build(&build);
    tests.env(VARIABLE, program);
    true
}

/// Whether the program runs and has this version.
fn is_current(program: &Path) -> bool {
    let version = shell::capture(Command::new(program).arg("--version"));
    version.is_ok_and(|version| version.trim().ends_with(VERSION))
}

/// Builds the program and puts it into the folder. An interrupted build continues where it stopped.
fn install_relay(folder: &Path, build: &Path) -> Result<()> {
    eprintln!("{PROGRAM} is missing; building it once from crates.io, which takes some minutes");

    let mut cargo = shell::cargo();
    cargo
        .args(["install", PROGRAM, "--version", VERSION, "--locked", "--features", "server"])
        .args(["--debug", "--force", "--root"])
        .arg(folder)
        .current_dir(layout::root_folder())
        .env("CARGO_TARGET_DIR", build);
    shell::run(&mut cargo).with_context(|| format!("cannot install {PROGRAM}"))
}

/// Removes what the build has left, also that of a run that ended once the program was installed.
/// The program can be used anyway.
fn remove_build(build: &Path) {
    if build.exists()
        && let Err(error) = fs::remove_dir_all(build)
    {
        eprintln!("cannot remove {}: {error}", build.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relay_has_the_version_of_the_library() {
        let lock = include_str!("../../../Cargo.lock");
        let entry = format!("name = \"{PROGRAM}\"\nversion = \"{VERSION}\"\n");
        assert!(
            lock.contains(&entry),
            "set VERSION, and that of docs/network.md, to the locked one"
        );
    }

    #[test]
    fn what_a_build_has_left_is_removed_once() {
        let name = format!("{PROGRAM}-{}", std::process::id());
        let build = env::temp_dir().join(name);
        fs::create_dir_all(build.join("debug")).unwrap();

        for _ in 0..2 {
            remove_build(&build);
            assert!(!build.exists());
        }
        assert!(!is_current(&build), "the program does not exist");
    }
}
