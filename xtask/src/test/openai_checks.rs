//! The step that calls the inference server by the official Python client of OpenAI.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use super::cargo_checks::host_cargo;
use crate::{layout, shell, wheels};

/// The models to serve, with the variable by which the test finds each server.
const SERVERS: [(&str, &str); 2] =
    [("SmolLM2-135M-Instruct", "NOSANA_CHAT_URL"), ("all-MiniLM-L6-v2", "NOSANA_EMBEDDING_URL")];

/// Serves two models and runs `tests/openai` against them.
pub fn test_openai() -> Result<()> {
    let folder = layout::root_folder().join("tests/openai");
    let python = wheels::find_python()?;
    let packages = install_packages(&python, &folder.join("requirements.txt"))?;
    let build = ["build", "--locked", "--workspace", "--example", "serve_model"];
    shell::run(&mut host_cargo(&build))?;

    let mut test = Command::new(&python);
    test.args(["-m", "unittest", "test_openai"]).current_dir(&folder);
    test.env("PYTHONPATH", packages).env("PYTHONDONTWRITEBYTECODE", "1");
    let mut servers = Vec::new();
    for (model, variable) in SERVERS {
        let server = RunningServer::start(model)?;
        test.env(variable, &server.url);
        servers.push(server);
    }

    shell::run(&mut test)
}

/// Installs the pinned packages into a folder of their own, unless they are there. This needs no
/// virtual environment, for which distributions require another package.
fn install_packages(python: &Path, requirements: &Path) -> Result<PathBuf> {
    let folder = layout::target_folder().join("openai-python");
    let version = shell::capture(Command::new(python).arg("--version"))?;
    let pinned = fs::read_to_string(requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let wanted = version + &pinned;

    // Written last, so that an interrupted installation is repeated.
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }

    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--no-deps", "--require-hashes", "--only-binary=:all:"]);
    pip.arg("--requirement").arg(requirements).arg("--target").arg(&folder);
    shell::run_logged(&mut pip, &folder.join("pip.log"))
        .context("cannot install from the Python package index")?;

    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(folder)
}

/// A server that ends when this is dropped.
struct RunningServer {
    process: Child,
    url: String,
}

impl RunningServer {
    /// Starts a server and waits until it has loaded its model.
    fn start(model: &str) -> Result<Self> {
        let program = layout::target_folder().join("debug/examples/serve_model");
        let mut command = Command::new(&program);
        let process = command.arg(model).arg("0").stdout(Stdio::piped()).spawn();
        let mut process = process.with_context(|| format!("cannot start {}", program.display()))?;

        let output = process.stdout.take().context("the server has no output")?;
        let mut server = Self { process, url: String::new() };
        for line in BufReader::new(output).lines() {
            if let Some(url) = line?.strip_prefix("listening on ") {
                url.clone_into(&mut server.url);
                return Ok(server);
            }
        }
        bail!("the server of {model} ended before it listened; its error is above")
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
