//! `nosana model info`: what a model is, from the header of its file.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use nosana_engine::{ContextSize, ModelHeader};
use nosana_job_spec::{ModelDigest, Task};
use serde_json::json;

use crate::commands::{
    model_source::{NamedModel, open_models},
    size::ByteSize,
    values::print_json,
};

/// The tokens of the context whose memory is printed, unless the model reads fewer.
const EXAMPLE_TOKENS: u64 = 4_096;

/// The model, and the format.
#[derive(Debug, Args)]
pub struct InfoOptions {
    /// Name or digest of `nosana model list`, or a GGUF file
    model: String,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// Prints what the header says.
pub fn show_model(options: &InfoOptions) -> Result<()> {
    let path = match NamedModel::find(&options.model)? {
        Some(NamedModel::Known(model)) => find_file(&model.digest())?,
        Some(NamedModel::Digest(digest)) => find_file(&digest)?,
        Some(NamedModel::Location(_)) => bail!("get the model with `nosana model pull` first"),
        None => PathBuf::from(&options.model),
    };

    let header = ModelHeader::read(&path)?;
    let tokens = header.context_tokens().unwrap_or(EXAMPLE_TOKENS).min(EXAMPLE_TOKENS);
    let needed = header.needed_bytes(ContextSize { tokens, sequences: 1 });
    let tasks: Vec<Task> = [Task::Embedding, Task::Generation]
        .into_iter()
        .filter(|task| header.check_task(*task).is_ok())
        .collect();

    if options.json {
        return print_json(&json!({
            "path": path,
            "name": header.model_name(),
            "architecture": header.architecture(),
            "parameters": header.parameters(),
            "quantization": header.quantization(),
            "weight_bytes": header.weight_bytes(),
            "context_tokens": header.context_tokens(),
            "tasks": tasks,
            "needed_bytes": needed,
            "needed_for_tokens": tokens,
        }));
    }

    let names: Vec<String> = tasks.iter().map(Task::to_string).collect();
    let context = header.context_tokens().map_or("-".to_owned(), |tokens| tokens.to_string());
    println!("name          {}", header.model_name().unwrap_or("-"));
    println!("architecture  {}", header.architecture().unwrap_or("-"));
    println!("parameters    {:.1} million", header.parameters() as f64 / 1e6);
    println!("quantization  {}", header.quantization().unwrap_or("-"));
    println!("weights       {}", ByteSize(header.weight_bytes()));
    println!("context       {context} tokens");
    println!("tasks         {}", if names.is_empty() { "-".to_owned() } else { names.join(", ") });
    println!("memory        {} with {tokens} tokens", ByteSize(needed));
    println!("file          {}", path.display());
    Ok(())
}

fn find_file(digest: &ModelDigest) -> Result<PathBuf> {
    let file = open_models()?.open_cached(digest)?;
    let file = file.context("it is not on this machine; get it with `nosana model pull`")?;
    Ok(file.path().to_owned())
}
