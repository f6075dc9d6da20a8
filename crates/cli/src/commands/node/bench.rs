//! `nosana node bench`.

use anyhow::{Context, Result};
use clap::Args;
use nosana_engine::{Gpu, HardwareCommitment, MemoryBound, UsableMemory, benchmark};
use serde_json::json;

/// How it is printed.
#[derive(Debug, Args)]
pub struct Options {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Measures the GPU.
pub fn run(options: &Options) -> Result<()> {
    let gpu = Gpu::open()?;
    let measured = benchmark(&gpu).context("cannot measure the GPU")?;
    let commitment = HardwareCommitment::new([(gpu.info(), &measured)]);
    let digest = commitment.digest()?.to_string();
    if options.json {
        let all = json!({ "adapter": gpu.info(), "benchmark": measured, "commitment": commitment, "digest": digest });
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
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
    println!("commitment  {}", commitment.canonical_json()?);
    println!("digest      {digest}");
    Ok(())
}

/// Why there is no more, where that is not the adapter's size.
const fn why(memory: &UsableMemory) -> &'static str {
    match memory.bound {
        MemoryBound::Adapter => "",
        MemoryBound::Host => ": no more was tried, as the adapter uses the host's memory",
        MemoryBound::Time => ": no more was tried, as the driver became too slow",
    }
}
