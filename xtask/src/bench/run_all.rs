//! Runs benchmarks, and makes one page of what they wrote.

use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{
    Options,
    benchmarks::{BENCHMARKS, Benchmark, Runner, SCALE},
    commands::{compile_cargo, nosana_bench},
    measure::measure_all,
    writes::{Writes, repeat_arguments, report_arguments},
};
use crate::{demo, layout, shell};

/// Runs the chosen benchmarks, and goes on after one that fails. The exit status is a failure if
/// one of them failed, or if the comparison does. Committed files are written only if none failed.
pub fn run_all(options: &Options) -> Result<ExitCode> {
    let writes = Writes::from_environment(options)?;

    demo::build_nosana()?;
    let chosen = choose_benchmarks(options);
    let suites: Vec<&str> = chosen.iter().filter_map(|benchmark| benchmark.suite()).collect();
    if !suites.is_empty() {
        shell::run(&mut compile_cargo(&suites))?;
    }

    let failed = measure_all(&chosen, options.quick)?;
    if !failed.is_empty() {
        report_all(&report_arguments(&chosen, options, Writes::Nothing))?;
        let left = writes.describe_left();
        eprintln!(
            "{} of {} benchmarks failed: {}; the logs are in target/bench/logs{left}",
            failed.len(),
            chosen.len(),
            failed.join(", ")
        );
        return Ok(ExitCode::FAILURE);
    }

    let before = read_figures();
    let is_reported = report_all(&report_arguments(&chosen, options, writes))?;
    let has_scaled = chosen.iter().any(|benchmark| benchmark.name == SCALE);
    if is_reported && has_scaled && read_figures() != before {
        return repeat_scale(&chosen, options);
    }
    Ok(if is_reported { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds `nosana` with the new baseline, and simulates the markets by its costs.
fn repeat_scale(chosen: &[&Benchmark], options: &Options) -> Result<ExitCode> {
    demo::build_host()?;
    let scale: Vec<&Benchmark> = chosen.iter().copied().filter(|it| it.name == SCALE).collect();
    let failed = measure_all(&scale, options.quick)?;

    let is_reported = report_all(&repeat_arguments(chosen, options))?;
    let is_done = is_reported && failed.is_empty();
    Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns the deterministic figures of the baseline; null if there are none.
fn read_figures() -> [Value; 2] {
    let path = layout::root_folder().join("bench/baseline.json");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let baseline: Value = serde_json::from_str(&text).unwrap_or_default();

    ["figures", "blocks"].map(|table| baseline[table].clone())
}

/// Returns the benchmarks that `--only` names; without it, all that this `nosana` has.
fn choose_benchmarks(options: &Options) -> Vec<&'static Benchmark> {
    let is_chosen = |benchmark: &&Benchmark| {
        if options.only.is_empty() {
            is_available(benchmark)
        } else {
            options.only.iter().any(|name| name == benchmark.name)
        }
    };

    BENCHMARKS.iter().filter(is_chosen).collect()
}

/// Returns true if the programs of this checkout have the benchmark.
fn is_available(benchmark: &Benchmark) -> bool {
    match benchmark.runner {
        Runner::Suite { .. } => true,
        Runner::Nosana { .. } => {
            let found = shell::is_successful(nosana_bench().args([benchmark.name, "--help"]));
            if !found {
                eprintln!("`nosana bench` has no `{}`: it is left out", benchmark.name);
            }
            found
        }
    }
}

/// Makes the page, and prints the table and the comparison. Returns false if that fails.
fn report_all(arguments: &[&str]) -> Result<bool> {
    let mut report = nosana_bench();
    let status = report.arg("report").args(arguments).status();

    let status = status.context("cannot start `nosana bench report`")?;
    Ok(status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_benchmarks_are_run_in_order() {
        let only = ["throughput", "costs"].map(str::to_owned).to_vec();
        let options =
            Options { quick: false, compare: true, record: false, only, args: Vec::new() };
        let chosen = choose_benchmarks(&options);
        let names: Vec<&str> = chosen.iter().map(|benchmark| benchmark.name).collect();
        assert_eq!(names, ["costs", "throughput"]);
    }
}
