//! llama.cpp by another binding: the npm package `node-llama-cpp` with its own build of llama.cpp.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use nosana_engine::cpu_threads;
use serde::{Deserialize, Serialize};

use super::{
    throughput::count_requests,
    token_answer::TokenAnswer,
    workload::{ANSWER_TOKENS, choose_prompt, choose_sentence, number_sentences},
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
    /// The speed at which it embeds sentences, one after the other; `None` in reports of runs that
    /// did not measure it.
    #[serde(default)]
    pub sentences_per_second: Option<f64>,
    /// Its answer to the first prompt, unless this version of the package fails to give it.
    #[serde(default)]
    pub answer: Option<TokenAnswer>,
}

/// Measures the binding that is installed in `folder`, with as many threads as the engine uses, and
/// has it answer the first prompt. The models are one for answers and one for sentences.
pub fn measure_peer(folder: &Path, [answering, embedding]: [&Path; 2]) -> Result<Peer> {
    let script = folder.join("peer.mjs");
    std::fs::write(&script, SCRIPT)
        .with_context(|| format!("cannot write {}", script.display()))?;

    // Those that the engine embeds without a network beside it.
    let sentences: Vec<_> = number_sentences(0..count_requests(1)).map(choose_sentence).collect();
    let sentences = serde_json::to_string(&sentences).context("cannot write the sentences")?;

    let mut node = Command::new("node");
    node.arg(&script).arg(answering).arg(cpu_threads().to_string());
    node.arg(choose_prompt(0)).arg(ANSWER_TOKENS.to_string());
    node.arg(embedding).arg(sentences).current_dir(folder);
    let output = node.output().context("cannot start Node.js")?;
    ensure!(
        output.status.success(),
        "node-llama-cpp failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );

    serde_json::from_slice(&output.stdout).context("node-llama-cpp printed no figures")
}
