//! `nosana node gpus`, and the option that chooses among them.

use anyhow::{Result, ensure};
use clap::Args;
use nosana_engine::{AdapterInfo, Gpu, GpuChoice};
use serde_json::{Value, json};

/// How they are printed.
#[derive(Debug, Args)]
pub struct Options {
    /// Print one JSON array
    #[arg(long)]
    json: bool,
}

/// Lists the graphics adapters.
///
/// # Errors
/// If there is none.
pub fn run(options: &Options) -> Result<()> {
    let listed = Gpu::list();
    if options.json {
        let all: Vec<Value> = listed
            .iter()
            .enumerate()
            .map(|(number, info)| json!({ "number": number, "adapter": info }))
            .collect();
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    if listed.is_empty() {
        // It says what to install.
        Gpu::open()?;
    }
    for (number, AdapterInfo { name, backend, driver, .. }) in listed.iter().enumerate() {
        println!("{number:<3} {name} ({backend}, {driver})");
    }
    Ok(())
}

/// Which graphics adapters to use.
#[derive(Clone, Debug, Args)]
pub struct Choice {
    /// GPU to use, by its number in `nosana node gpus`, or `all`; may be given several times. By
    /// default the one that the system prefers
    #[arg(long, value_name = "NUMBER|all", env = "NOSANA_GPU", value_delimiter = ',')]
    gpu: Vec<GpuChoice>,
}

impl Choice {
    /// What is chosen.
    ///
    /// # Errors
    /// If a number stands there twice: both would promise the same memory.
    pub fn together(&self) -> Result<GpuChoice> {
        let choice = GpuChoice::together(&self.gpu);
        if let GpuChoice::Numbers(numbers) = &choice {
            let twice = numbers
                .iter()
                .enumerate()
                .find(|(place, number)| numbers[..*place].contains(number));
            ensure!(
                twice.is_none(),
                "a GPU is named twice with --gpu; to run more jobs on it, give the node more --slots"
            );
        }
        Ok(choice)
    }
}

/// The slots of a node that is registered with so many devices: one each, as far as a node may have
/// them.
pub fn slots(devices: usize) -> u8 {
    u8::try_from(devices).unwrap_or(u8::MAX).clamp(1, 8)
}
