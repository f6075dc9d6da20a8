//! `nosana bench`: measurements of whole markets.

mod calibrate;
mod connect;
mod demo;
mod engine;
mod faults;
mod liar;
mod page_options;
mod report;
mod report_options;
mod scale;
mod simulate;

use std::{
    path::Path,
    process::{self, Stdio},
};

use anyhow::Result;
use clap::Subcommand;
use nosana_bench::connect::{HOLD_ENDPOINT, hold_endpoint};

/// Commands of `nosana bench`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Run inference jobs on a local network, from listing to payment, and check every balance
    Demo(demo::DemoOptions),
    /// Run nodes that cheat on a local network, dispute their results, and check every payment
    Liar(liar::LiarOptions),
    /// Kill a node at random moments on a local network, and show what is lost
    Faults(faults::FaultsOptions),
    /// Compare the speed of inference: directly, as jobs, in batches, and by another binding of
    /// llama.cpp
    Engine(engine::EngineOptions),
    /// Measure how far honest runs of a model differ, also those of another machine, and how far
    /// runs that save work, and fail if the bounds of disputes do not separate them
    Calibrate(calibrate::CalibrateOptions),
    /// Play disputes with all kinds of agents and terms, and fail if a strategy pays
    Simulate(simulate::SimulateOptions),
    /// Make one page of all benchmarks that were run in a checkout, and compare them with its
    /// baseline
    Report(report::SummaryOptions),
    /// Simulate markets with up to 100,000 nodes: waiting times, busy nodes and full blocks
    Scale(scale::ScaleOptions),
    /// Measure what connections cost: bytes and requests through a port of a job, and an endpoint
    /// that nobody uses
    Connect(connect::ConnectOptions),
    /// Hold an endpoint that nobody uses until standard input ends; `connect` reads its cost
    #[command(hide = true, name = HOLD_ENDPOINT)]
    HoldEndpoint,
}

/// Runs the command.
pub async fn run(command: BenchCommand) -> Result<()> {
    match command {
        BenchCommand::Demo(options) => demo::run_demo(options).await,
        BenchCommand::Liar(options) => liar::run_trial(options).await,
        BenchCommand::Faults(options) => faults::run_faults(options).await,
        BenchCommand::Engine(options) => engine::compare_engines(options).await,
        BenchCommand::Calibrate(options) => calibrate::calibrate_bounds(&options),
        BenchCommand::Simulate(options) => simulate::simulate_disputes(&options),
        BenchCommand::Report(options) => report::report_benchmarks(options),
        BenchCommand::Scale(options) => scale::simulate_markets(&options),
        BenchCommand::Connect(options) => connect::measure_connections(&options).await,
        BenchCommand::HoldEndpoint => hold_endpoint().await,
    }
}

/// Opens a page with the desktop's program. Without a desktop, the printed path is enough.
fn open_page(page: &Path) {
    let opener = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };

    let mut command = process::Command::new(opener);
    command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = command.spawn();
    if let Err(error) = started {
        tracing::debug!(%error, "cannot open the page");
    }
}
