//! `nosana node bench`: measure the devices.

use anyhow::{Context, Result};
use clap::Args;
use nosana_engine::{
    Benchmark, BenchmarkLength, Device, HardwareCommitment, ModelStore, SMOLLM2_135M_INSTRUCT,
    WeightBandwidth, run_benchmark,
};
use serde_json::{Value, json};

use super::gpu_options::GpuOptions;
use crate::commands::{size::ByteSize, values::print_json};

/// The devices to measure, and the format of the output.
#[derive(Debug, Args)]
pub struct BenchOptions {
    #[command(flatten)]
    gpus: GpuOptions,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// Measures the devices, one after the other, and prints the hardware commitment.
pub fn bench_gpus(options: &BenchOptions) -> Result<()> {
    let devices = Device::open_chosen(&options.gpus.choose_devices()?)?;
    let model = ModelStore::in_user_cache()?.ensure(&SMOLLM2_135M_INSTRUCT)?;

    let mut benchmarks = Vec::new();
    for device in &devices {
        let measured = run_benchmark(device, &model, BenchmarkLength::Short)
            .with_context(|| format!("cannot measure {}", device.info().name))?;
        if !options.json {
            print_benchmark(device, &measured);
        }
        benchmarks.push(measured);
    }

    let commitment = HardwareCommitment::new(devices.iter().map(Device::info).zip(&benchmarks));
    let digest = commitment.digest()?.to_string();
    if options.json {
        let pairs = devices.iter().zip(&benchmarks);
        let measured: Vec<Value> = pairs
            .map(|(device, benchmark)| json!({ "device": device.info(), "benchmark": benchmark }))
            .collect();
        return print_json(
            &json!({ "devices": measured, "commitment": commitment, "digest": digest }),
        );
    }
    println!("commitment  {}", commitment.canonical_json()?);
    println!("digest      {digest}");
    Ok(())
}

fn print_benchmark(device: &Device, measured: &Benchmark) {
    println!("device      {}", device.info());
    println!("model       {}", SMOLLM2_135M_INSTRUCT.name);

    for (what, speed) in [("reading", &measured.prompt), ("generation", &measured.generation)] {
        let tokens = speed.tokens;
        let seconds = speed.median_seconds;
        let per_second = speed.tokens_per_second;
        println!("{what:11} {tokens} tokens in {seconds:.3} s, {per_second:.1} tokens/s");
    }

    let WeightBandwidth { token_bytes, bytes_per_second } = measured.bandwidth;
    let per_second = ByteSize(bytes_per_second as u64);
    println!("weights     {} a token, {per_second}/s", ByteSize(token_bytes));
    println!("memory      {} MiB usable", measured.memory.mib);
}
