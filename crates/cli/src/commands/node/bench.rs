//! `nosana node bench`: measure the GPUs.

use anyhow::{Context, Result};
use clap::Args;
use nosana_engine::{Benchmark, Gpu, HardwareCommitment, MemoryBound, UsableMemory, run_benchmark};
use serde_json::{Value, json};

use super::gpu_options::GpuOptions;
use crate::commands::values::print_json;

/// The GPUs to measure, and the format of the output.
#[derive(Debug, Args)]
pub struct BenchOptions {
    #[command(flatten)]
    gpus: GpuOptions,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// Measures the GPUs, one after the other, and prints the hardware commitment.
pub fn bench_gpus(options: &BenchOptions) -> Result<()> {
    let gpus = Gpu::open_chosen(&options.gpus.combined()?)?;

    let mut benchmarks = Vec::new();
    for gpu in &gpus {
        let measured =
            run_benchmark(gpu).with_context(|| format!("cannot measure {}", gpu.info().name))?;
        if !options.json {
            print_benchmark(gpu, &measured);
        }
        benchmarks.push(measured);
    }

    let commitment = HardwareCommitment::new(gpus.iter().map(Gpu::info).zip(&benchmarks));
    let digest = commitment.digest()?.to_string();
    if options.json {
        let pairs = gpus.iter().zip(&benchmarks);
        let measured: Vec<Value> = pairs
            .map(|(gpu, benchmark)| json!({ "adapter": gpu.info(), "benchmark": benchmark }))
            .collect();
        return print_json(
            &json!({ "gpus": measured, "commitment": commitment, "digest": digest }),
        );
    }
    println!("commitment  {}", commitment.canonical_json()?);
    println!("digest      {digest}");
    Ok(())
}

fn print_benchmark(gpu: &Gpu, measured: &Benchmark) {
    let info = gpu.info();
    println!("adapter     {}", info.name);
    println!("interface   {}, driver {}", info.backend, info.driver);

    for product in &measured.products {
        let size = product.size;
        let ms = product.median_seconds * 1e3;
        println!("matrices    {size} × {size}: {ms:.2} ms, {:.1} GFLOP/s", product.gflops);
    }

    let bandwidth = &measured.bandwidth;
    let mib = bandwidth.bytes >> 20;
    let ms = bandwidth.median_seconds * 1e3;
    println!("bandwidth   {mib} MiB: {ms:.2} ms, {:.1} GB/s", bandwidth.gigabytes_per_second);

    let memory = &measured.memory;
    println!("memory      {} MiB usable{}", memory.mib, explain_bound(memory));
}

/// Why the usable memory is less than the adapter's, if it is.
const fn explain_bound(memory: &UsableMemory) -> &'static str {
    match memory.bound {
        MemoryBound::Adapter => "",
        MemoryBound::Host => ": no more was tried, as the adapter uses the host's memory",
        MemoryBound::Time => ": no more was tried, as the driver became too slow",
    }
}
