//! The npm package `node-llama-cpp`, which `nosana bench engine` measures beside the engine.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};

use crate::{
    cache::{self, Draft},
    progress::Steps,
    setup, shell,
};

/// The version of both packages.
const VERSION: &str = "3.22.1";

/// The benchmark that measures it: `nosana bench engine`.
pub const BENCHMARK: &str = "engine";
/// The environment variable of that benchmark.
const PEER: &str = "NOSANA_BENCH_PEER";

/// Installs the package into the cache, and names its folder to the command.
pub fn set_peer(command: &mut Command) -> Result<()> {
    let node = setup::ensure_node()?;
    if let Some(node) = &node {
        command.env("PATH", shell::path_with(node)?);
    }

    let folder = cache::make_folder(&format!("node-llama-cpp-{VERSION}"), |draft| {
        Steps::new("fetching another binding of llama.cpp to compare with", 1)
            .run_step(&format!("node-llama-cpp {VERSION} from the npm registry"), || {
                install_packages(draft, node.as_ref())
            })
    })?;

    command.env(PEER, folder);
    Ok(())
}

/// Installs the package, and its build of llama.cpp for this machine alone.
fn install_packages(draft: &Draft, node: Option<&PathBuf>) -> Result<()> {
    let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux-x64",
        ("linux", "aarch64") => "linux-arm64",
        (os, architecture) => bail!(
            "no build of node-llama-cpp is known for {architecture} and {os}; run \
             `nosana bench engine` without it"
        ),
    };

    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional"])
        .arg("--prefix")
        .arg(&draft.partial)
        .arg(format!("node-llama-cpp@{VERSION}"))
        .arg(format!("@node-llama-cpp/{platform}@{VERSION}"));
    if let Some(node) = node {
        npm.env("PATH", shell::path_with(node)?);
    }

    shell::run_logged(&mut npm, &draft.log).context("cannot install node-llama-cpp")
}
