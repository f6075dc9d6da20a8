//! `nosana node gpus`: the devices of this machine that run models.

use anyhow::Result;
use clap::Args;
use nosana_engine::{Device, DeviceInfo};
use serde_json::{Value, json};

use crate::commands::values::print_json;

/// The format of the list.
#[derive(Debug, Args)]
pub struct GpusOptions {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Lists the devices.
pub fn list_gpus(options: &GpusOptions) -> Result<()> {
    let devices = Device::all()?;

    if options.json {
        let all: Vec<Value> = devices
            .iter()
            .enumerate()
            .map(|(number, device)| json!({ "number": number, "device": device.info() }))
            .collect();
        return print_json(&all);
    }

    for (number, device) in devices.iter().enumerate() {
        let DeviceInfo { name, backend, .. } = device.info();
        println!("{number:<3} {name} ({backend})");
    }
    Ok(())
}
