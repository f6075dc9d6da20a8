//! The steps that run on Node.js: the TypeScript clients, and the stores against js-ipfs.

use std::{fs, path::Path, process::Command, time::SystemTime};

use anyhow::Result;

use super::{cargo_checks::clippy_cargo, step::Outcome};
use crate::{layout, setup, shell};

/// The TypeScript client.
const CLIENT: &str = "clients/ts";

/// Runs the tests of a client that is built only from the IDL; skips them if their folder does not
/// exist.
pub fn test_typescript() -> Result<Outcome> {
    let folder = layout::root_folder().join("tests/typescript");
    if !folder.is_dir() {
        return Ok(Outcome::Skipped("tests/typescript does not exist"));
    }

    install_packages(&folder)?;
    run_script(&folder, "test")?;
    Ok(Outcome::Passed)
}

/// Generates the TypeScript client again, compares, and tests it.
pub fn test_typescript_client() -> Result<()> {
    let folder = layout::root_folder().join(CLIENT);

    install_packages(&folder)?;
    run_script(&folder, "test")
}

/// Checks, tests and builds the page of `nosana explorer`, and opens it in Chromium. Where that is
/// not installed, the outcome says so.
pub fn test_explorer() -> Result<Outcome> {
    let folder = layout::root_folder().join("apps/explorer");

    install_packages(&folder)?;
    run_script(&folder, "check")?;
    run_script(&folder, "test")?;
    run_script(&folder, "build")?;

    if !setup::browser::is_installed() {
        return Ok(Outcome::Skipped(
            "NOTICE: no Chromium here, so the page was tested, but not opened in a browser; \
             as root: apt-get install chromium, or set CHROMIUM to the path of one",
        ));
    }
    run_script(&folder, "test:browser")?;
    Ok(Outcome::Passed)
}

/// Tests the stores against js-ipfs. The tests need npm packages, so all other steps leave them
/// out.
pub fn test_ipfs() -> Result<()> {
    let client = layout::root_folder().join(CLIENT);
    install_packages(&layout::root_folder().join("tests/ipfs"))?;
    install_packages(&client)?;

    let arguments = ["test", "--locked", "--workspace", "--test", "ipfs_node", "--", "--ignored"];
    let mut cargo = clippy_cargo(&arguments)?;
    shell::run(with_node(&mut cargo)?)?;
    run_script(&client, "test:ipfs")
}

/// Runs a script of the folder's package, which finds the programs and the binary of this checkout.
fn run_script(folder: &Path, script: &str) -> Result<()> {
    let mut npm = npm_command(folder, &["run", script]);
    npm.env("SBF_OUT_DIR", layout::deploy_folder())
        .env("NOSANA_BIN", layout::target_folder().join("debug/nosana"));

    shell::run(with_node(&mut npm)?)
}

/// Returns an npm command that runs in `folder`.
fn npm_command(folder: &Path, arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    shell::set_headless(npm.args(arguments)).current_dir(folder);
    npm
}

/// Adds a recent Node.js to the command's `PATH` if the system has none.
fn with_node(command: &mut Command) -> Result<&mut Command> {
    if let Some(node) = setup::ensure_node()? {
        command.env("PATH", shell::path_with(&node)?);
    }

    Ok(command)
}

/// Installs the npm packages of the folder's lock file.
fn install_packages(folder: &Path) -> Result<()> {
    if is_installed(folder) {
        return Ok(());
    }

    shell::run(with_node(&mut npm_command(folder, &["ci", "--no-audit", "--no-fund"]))?)
}

/// Returns true if the installed npm packages are up to date: npm writes a lock file of its own
/// after each installation, and this one is not older than the folder's lock file.
fn is_installed(folder: &Path) -> bool {
    let modified_at = |file: &str| -> Option<SystemTime> {
        fs::metadata(folder.join(file)).ok()?.modified().ok()
    };

    let required = modified_at("package-lock.json");
    let installed = modified_at("node_modules/.package-lock.json");
    required.zip(installed).is_some_and(|(required, installed)| installed >= required)
}
