//! `nosana node bench`.

use anyhow::{Context, Result};
use clap::Args;
use nosana_engine::{Benchmark, Gpu, HardwareCommitment, MemoryBound, UsableMemory, benchmark};
use serde_json::{Value, json};

use super::gpus::Choice;

/// What is measured, and how it is printed.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    choice: Choice,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Measures the GPUs, one after the other.
pub fn run(options: &Options) -> Result<()> {
    let gpus = Gpu::open_chosen(&options.choice.together()?)?;
    let mut measured = Vec::new();
    for gpu in &gpus {
        let of_one =
            benchmark(gpu).with_context(|| format!("cannot measure {}", gpu.info().name))?;
        if !options.json {
            tell(gpu, &of_one);
        }
        measured.push(of_one);
    }
    let commitment = HardwareCommitment::new(gpus.iter().map(Gpu::info).zip(&measured));
    let digest = commitment.digest()?.to_string();
    if options.json {
        let each = gpus.iter().zip(&measured);
        let each: Vec<Value> = each
            .map(|(gpu, measured)| json!({ "adapter": gpu.info(), "benchmark": measured }))
            .collect();
        let all = json!({ "gpus": each, "commitment": commitment, "digest": digest });
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    println!("commitment  {}", commitment.canonical_json()?);
    println!("digest      {digest}");
    Ok(())
}

fn tell(gpu: &Gpu, measured: &Benchmark) {
    let info = gpu.info();
    println!("adapter     {}", info.name);
    println!("interface   {}, driver {}", info.backend, info.driver);
    for product in &measured.products {
        let (size, ms) = (product.size, product.median_seconds * 1e3);
        println!("matrices    {size} × {size}: {ms:.2} ms, {:.1} GFLOP/s", product.gflops);
    }
    let bandwidth = &measured.bandwidth;
    let (mib, ms) = (bandwidth.bytes >> 20, bandwidth.median_seconds * 1e3);
    println!("bandwidth   {mib} MiB: {ms:.2} ms, {:.1} GB/s", bandwidth.gigabytes_per_second);
    println!("memory      {} MiB usable{}", measured.memory.mib, why(&measured.memory));
}

/// Why there is no more, where that is not the adapter's size.
const fn why(memory: &UsableMemory) -> &'static str {
    match memory.bound {
        MemoryBound::Adapter => "",
        MemoryBound::Host => ": no more was tried, as the adapter uses the host's memory",
        MemoryBound::Time => ": no more was tried, as the driver became too slow",
    }
}
