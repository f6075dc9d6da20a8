//! `cargo xtask bench`: measures. What runs on the programs alone is a test suite, because suites have
//! the runtime; the rest is `nosana bench`.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::{build, demo, layout, sbf, shell};

/// Number of whole jobs that `throughput` times.
const THROUGHPUT_JOBS: u32 = 2_000;

/// Runs `costs`, `throughput`, or `nosana bench` with these arguments.
pub fn run_benchmark(args: &[String]) -> Result<ExitCode> {
    match args.first().map(String::as_str) {
        Some("costs") => measure_costs(),
        Some("throughput") => measure_throughput(),
        _ => demo::run_nosana(["bench"].into_iter(), args),
    }
}

/// Measures every instruction, compares it with `bench/baseline.json`, and writes
/// `target/bench/costs.json`.
fn measure_costs() -> Result<ExitCode> {
    build::build_programs(sbf::Choice::Auto)?;

    shell::run(&mut suite_cargo("compute"))?;
    println!("\ntarget/bench/costs.json has all figures");
    Ok(ExitCode::SUCCESS)
}

/// Times whole jobs on LiteSVM, computes what a leader charges for them and how many fit into its
/// blocks, and writes `target/bench/throughput.json` and `throughput.html`.
fn measure_throughput() -> Result<ExitCode> {
    build::build_programs(sbf::Choice::Auto)?;

    let mut cargo = suite_cargo("throughput");
    shell::run(cargo.env("NOSANA_THROUGHPUT_JOBS", THROUGHPUT_JOBS.to_string()))?;
    println!(
        "\ntarget/bench/throughput.json has all figures; open target/bench/throughput.html in a \
         browser"
    );
    Ok(ExitCode::SUCCESS)
}

/// Returns a cargo command that runs a suite with its output on this terminal.
fn suite_cargo(suite: &str) -> Command {
    let mut cargo = shell::cargo();
    cargo
        .args(["test", "--workspace", "--test", suite, "--", "--nocapture"])
        .env("SBF_OUT_DIR", layout::deploy_folder())
        .current_dir(layout::root_folder());

    cargo
}
