//! `nosana node gpus`: the GPUs of this machine.

use anyhow::Result;
use clap::Args;
use nosana_engine::{AdapterInfo, Gpu};
use serde_json::{Value, json};

use crate::commands::values::print_json;

/// The format of the list.
#[derive(Debug, Args)]
pub struct GpusOptions {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Lists the graphics adapters. Fails if there are none, except as JSON.
pub fn list_gpus(options: &GpusOptions) -> Result<()> {
    let adapters = Gpu::list();

    if options.json {
        let all: Vec<Value> = adapters
            .iter()
            .enumerate()
            .map(|(number, info)| json!({ "number": number, "adapter": info }))
            .collect();
        return print_json(&all);
    }

    if adapters.is_empty() {
        // Its error names the packages to install.
        Gpu::open()?;
    }
    for (number, AdapterInfo { name, backend, driver, .. }) in adapters.iter().enumerate() {
        println!("{number:<3} {name} ({backend}, {driver})");
    }
    Ok(())
}
