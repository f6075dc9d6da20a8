//! `nosana node`.

mod run;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use nosana_engine::{Gpu, HardwareCommitment, benchmark};
use serde_json::json;

/// What to do with the GPU.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measure the GPU, and print what a node would commit to
    Bench(BenchOptions),
    /// Take jobs, run them, be paid, until Ctrl-C or SIGTERM
    Run(run::RunOptions),
}

/// How it is printed.
#[derive(Debug, Args)]
pub struct BenchOptions {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub async fn run(command: Command) -> Result<()> {
    match command {
        Command::Bench(options) => bench(&options),
        Command::Run(options) => run::run(options).await,
    }
}

fn bench(options: &BenchOptions) -> Result<()> {
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
