//! `nosana node bench`.

use anyhow::{Context, Result};
use clap::Args;
use nosana_engine::{Gpu, HardwareCommitment, benchmark};
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
    let commitment = HardwareCommitment::new(&gpu, &measured);
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
    println!("commitment  {}", commitment.canonical_json()?);
    println!("digest      {digest}");
    Ok(())
}
