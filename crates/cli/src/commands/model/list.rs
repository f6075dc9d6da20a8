//! `nosana model list`: the models that this software knows, and those on this machine.

use anyhow::Result;
use clap::Args;
use nosana_engine::{CachedModel, MODELS, Model};
use serde_json::{Value, json};

use crate::commands::{
    dates::format_time, model_source::open_models, size::ByteSize, values::print_json,
};

const MS_PER_SECOND: u64 = 1_000;

/// The format of the list.
#[derive(Debug, Args)]
pub struct ListOptions {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Lists the models: those on this machine first, the most recently used one at the top.
pub fn list_models(options: &ListOptions) -> Result<()> {
    let cached = open_models()?.list_cached();
    let is_cached = |model: &&Model| cached.iter().any(|one| one.digest == model.digest());
    let missing: Vec<&Model> = MODELS.iter().filter(|model| !is_cached(model)).collect();

    if options.json {
        let missing = missing.iter().map(|model| {
            json!({ "digest": model.digest(), "name": model.name, "task": model.task,
                    "downloaded": false })
        });
        let all: Vec<Value> = cached.iter().map(describe_cached).chain(missing).collect();
        return print_json(&all);
    }

    for model in &cached {
        let used = format_time(i64::try_from(model.used_ms / MS_PER_SECOND).unwrap_or(i64::MAX));
        let name = model.name.unwrap_or("-");
        let size = ByteSize(model.bytes).to_string();
        println!("{name:<24} {size:>10}  used {used}  {}", model.digest);
    }
    for model in missing {
        println!("{:<24} {:>10}  not downloaded  {}", model.name, "-", model.digest());
    }
    Ok(())
}

fn describe_cached(model: &CachedModel) -> Value {
    json!({
        "digest": model.digest,
        "name": model.name,
        "task": MODELS.iter().find(|one| one.digest() == model.digest).map(|one| one.task),
        "downloaded": true,
        "path": model.path,
        "size_bytes": model.bytes,
        "used_ms": model.used_ms,
    })
}
