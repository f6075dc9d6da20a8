//! llama.cpp by another binding: the npm package `node-llama-cpp` with its own build of llama.cpp.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use nosana_engine::cpu_threads;
use serde::{Deserialize, Serialize};

use super::{
    token_answer::TokenAnswer,
    workload::{MAX_TOKENS, choose_prompt},
};

/// The program that measures, for Node.js.
const SCRIPT: &str = include_str!("peer.mjs");

/// What the other binding reaches on this machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peer {
    /// The version of the package.
    pub version: String,
    /// The vector instructions that it uses.
    pub system: String,
    /// The speed at which 512 tokens are read.
    pub prompt_tokens_per_second: f64,
    /// The speed at which 128 tokens are generated.
    pub generated_tokens_per_second: f64,
    /// Its answer to the first prompt, unless this version of the package fails to give it.
    #[serde(default)]
    pub answer: Option<TokenAnswer>,
}

/// Measures the binding that is installed in `folder`, with as many threads as the engine uses, and
/// has it answer the first prompt.
pub fn measure_peer(folder: &Path, model: &Path) -> Result<Peer> {
    let script = folder.join("peer.mjs");
    std::fs::write(&script, SCRIPT)
        .with_context(|| format!("cannot write {}", script.display()))?;

    let mut node = Command::new("node");
    node.arg(&script).arg(model).arg(cpu_threads().to_string());
    node.arg(choose_prompt(0)).arg(MAX_TOKENS.to_string()).current_dir(folder);
    let output = node.output().context("cannot start Node.js")?;
    ensure!(
        output.status.success(),
        "node-llama-cpp failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );

    serde_json::from_slice(&output.stdout).context("node-llama-cpp printed no figures")
}
