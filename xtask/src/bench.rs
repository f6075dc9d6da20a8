//! `cargo xtask bench`: measures. What runs on the programs alone is a test suite, because suites have
//! the runtime; the rest is `nosana bench`.

use std::process::ExitCode;

use anyhow::Result;

use crate::{build, demo, layout, sbf, shell};

/// Runs `costs`, or `nosana bench` with these arguments.
pub fn run_benchmark(args: &[String]) -> Result<ExitCode> {
    match args.first().map(String::as_str) {
        Some("costs") => measure_costs(),
        _ => demo::run_nosana(["bench"].into_iter(), args),
    }
}

/// Measures every instruction, compares it with `bench/baseline.json`, and writes
/// `target/bench/costs.json`.
fn measure_costs() -> Result<ExitCode> {
    build::build_programs(sbf::Choice::Auto)?;

    let mut cargo = shell::cargo();
    cargo
        .args(["test", "--workspace", "--test", "compute", "--", "--nocapture"])
        .env("SBF_OUT_DIR", layout::deploy_folder())
        .current_dir(layout::root_folder());
    shell::run(&mut cargo)?;
    println!("\ntarget/bench/costs.json has all figures");
    Ok(ExitCode::SUCCESS)
}
