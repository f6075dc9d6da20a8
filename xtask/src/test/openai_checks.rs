//! The step that calls the inference server by the official Python client of OpenAI.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use super::cargo_checks::clippy_cargo;
use crate::{layout, python_packages::install_packages, shell, wheels};

/// The models to serve, with the variable by which the test finds each server.
const SERVERS: [(&str, &str); 2] =
    [("SmolLM2-135M-Instruct", "NOSANA_CHAT_URL"), ("all-MiniLM-L6-v2", "NOSANA_EMBEDDING_URL")];

/// Serves two models and runs `tests/openai` against them.
pub fn test_openai() -> Result<()> {
    let folder = layout::root_folder().join("tests/openai");
    let python = wheels::find_python()?;
    let packages = install_packages("openai-python", &folder.join("requirements.txt"))?;
    let build = ["build", "--locked", "--workspace", "--example", "serve_model"];
    shell::run(&mut clippy_cargo(&build)?)?;

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
