//! npm packages: installing those of a folder's lock file, and running its scripts.

use std::{fs, path::Path, process::Command, time::SystemTime};

use anyhow::Result;

use crate::{layout, setup, shell};

/// Runs a script of the folder's package, which finds the programs and the binary of this checkout.
pub fn run_script(folder: &Path, script: &str) -> Result<()> {
    let mut npm = npm_command(folder, &["run", script]);
    npm.env("SBF_OUT_DIR", layout::deploy_folder())
        .env("NOSANA_BIN", layout::target_folder().join("debug/nosana"));

    shell::run(with_node(&mut npm)?)
}

/// Installs the npm packages of the folder's lock file.
pub fn install_packages(folder: &Path) -> Result<()> {
    if is_installed(folder) {
        return Ok(());
    }

    shell::run(with_node(&mut npm_command(folder, &["ci", "--no-audit", "--no-fund"]))?)
}

/// Adds a recent Node.js to the command's `PATH` if the system has none.
pub fn with_node(command: &mut Command) -> Result<&mut Command> {
    if let Some(node) = setup::ensure_node()? {
        command.env("PATH", shell::path_with(&node)?);
    }

    Ok(command)
}

/// Returns an npm command that runs in `folder`.
fn npm_command(folder: &Path, arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    shell::set_headless(npm.args(arguments)).current_dir(folder);
    npm
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
