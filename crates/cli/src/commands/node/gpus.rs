//! `nosana node gpus`: the devices of this machine that run models.

use anyhow::Result;
use clap::Args;
use nosana_engine::{Device, DeviceInfo, DeviceKind, find_cpu_library};
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
    let cpu_library = find_cpu_library()?;
    let library_of = |device: &Device| match device.info().kind {
        DeviceKind::Cpu => cpu_library,
        DeviceKind::Discrete | DeviceKind::Integrated | DeviceKind::Software => None,
    };

    if options.json {
        let all: Vec<Value> = devices
            .iter()
            .enumerate()
            .map(|(number, device)| describe_device(number, device.info(), library_of(device)))
            .collect();
        return print_json(&all);
    }

    for (number, device) in devices.iter().enumerate() {
        let DeviceInfo { name, backend, .. } = device.info();
        let library = library_of(device).map(|library| format!(" with {library}"));
        println!("{number:<3} {name} ({backend}){}", library.unwrap_or_default());
    }
    Ok(())
}

/// Returns the entry of a device. In a package for all processors, that of the CPU names the
/// library for this one.
fn describe_device(number: usize, info: &DeviceInfo, library: Option<&str>) -> Value {
    match library {
        None => json!({ "number": number, "device": info }),
        Some(library) => json!({ "number": number, "device": info, "library": library }),
    }
}
