//! Runs benchmarks, and makes one page of what they wrote.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{
    Options,
    benchmarks::{BENCHMARKS, Benchmark, Runner},
    commands::{compile_cargo, nosana_bench},
    measure::measure_all,
};
use crate::{demo, layout, shell};

/// The variable that makes the summary write `bench/baseline.json`, if it is `1`.
const WRITE_BASELINE: &str = "NOSANA_WRITE_BASELINE";
/// The benchmark whose program contains the baseline.
const SCALE: &str = "scale";

/// The committed files that a report writes beside the page.
#[derive(Clone, Copy, Debug, Default)]
struct Writes {
    /// Writes `bench/baseline.json`, and the README's table.
    baseline: bool,
    /// Writes `bench/measured.json`, and the README's table.
    record: bool,
}

/// Runs the chosen benchmarks, and goes on after one that fails. The exit status is a failure if
/// one of them failed, or if the comparison does. Committed files are written only if none failed.
pub fn run_all(options: &Options) -> Result<ExitCode> {
    let is_written = std::env::var(WRITE_BASELINE).is_ok_and(|value| value == "1");
    ensure!(
        !(is_written && options.compare),
        "`--compare` reads the baseline that {WRITE_BASELINE}=1 writes; choose one of them"
    );

    demo::build_nosana()?;
    let chosen = choose_benchmarks(options);
    let suites: Vec<&str> = chosen.iter().filter_map(|benchmark| benchmark.suite()).collect();
    if !suites.is_empty() {
        shell::run(&mut compile_cargo(&suites))?;
    }

    let failed = measure_all(&chosen, options.quick)?;
    if !failed.is_empty() {
        report_all(&chosen, options, Writes::default())?;
        let left = describe_left(is_written || options.record);
        eprintln!(
            "{} of {} benchmarks failed: {}; the logs are in target/bench/logs{left}",
            failed.len(),
            chosen.len(),
            failed.join(", ")
        );
        return Ok(ExitCode::FAILURE);
    }

    let before = read_figures();
    let writes = Writes { baseline: is_written, record: options.record };
    let is_reported = report_all(&chosen, options, writes)?;
    let has_scaled = chosen.iter().any(|benchmark| benchmark.name == SCALE);
    if is_reported && has_scaled && read_figures() != before {
        return repeat_scale(&chosen, options);
    }
    Ok(if is_reported { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns what the message about failed benchmarks adds if committed files were to be written.
const fn describe_left(is_written: bool) -> &'static str {
    if is_written { "; neither the baseline nor the README is written" } else { "" }
}

/// Builds `nosana` with the new baseline, and simulates the markets by its costs.
fn repeat_scale(chosen: &[&Benchmark], options: &Options) -> Result<ExitCode> {
    demo::build_host()?;
    let scale: Vec<&Benchmark> = chosen.iter().copied().filter(|it| it.name == SCALE).collect();
    let failed = measure_all(&scale, options.quick)?;

    let writes = Writes { baseline: false, record: options.record && failed.is_empty() };
    let is_reported = report_all(chosen, options, writes)?;
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
fn report_all(chosen: &[&Benchmark], options: &Options, writes: Writes) -> Result<bool> {
    let mut report = nosana_bench();
    report.arg("report").args(report_arguments(chosen, options, writes));

    let status = report.status().context("cannot start `nosana bench report`")?;
    Ok(status.success())
}

/// Returns the arguments of the report: it compares what was run, and of a quick run no timings. A
/// record is of all benchmarks.
fn report_arguments(chosen: &[&Benchmark], options: &Options, writes: Writes) -> Vec<&'static str> {
    let flags = [
        ("--compare", options.compare),
        ("--without-timings", options.quick),
        ("--write-baseline", writes.baseline),
        ("--readme", writes.baseline),
        ("--record", writes.record),
    ];
    let flags = flags.into_iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag);

    let named = chosen.iter().filter(|_| !writes.record);
    flags.chain(named.flat_map(|benchmark| ["--only", benchmark.name])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_benchmarks_are_run_and_compared_in_order() {
        let only = ["throughput", "costs"].map(str::to_owned).to_vec();
        let options =
            Options { quick: false, compare: true, record: false, only, args: Vec::new() };
        let chosen = choose_benchmarks(&options);
        let names: Vec<&str> = chosen.iter().map(|benchmark| benchmark.name).collect();
        assert_eq!(names, ["costs", "throughput"]);

        let arguments = report_arguments(&chosen, &options, Writes::default());
        assert_eq!(arguments, ["--compare", "--only", "costs", "--only", "throughput"]);

        let quick = Options { quick: true, compare: false, ..options };
        let arguments = report_arguments(&chosen[..1], &quick, Writes::default());
        assert_eq!(arguments, ["--without-timings", "--only", "costs"]);
    }

    #[test]
    fn a_record_is_of_all_benchmarks() {
        let options = Options {
            quick: false,
            compare: false,
            record: true,
            only: Vec::new(),
            args: Vec::new(),
        };
        let chosen: Vec<&Benchmark> = BENCHMARKS.iter().collect();

        let both = Writes { baseline: true, record: true };
        let arguments = report_arguments(&chosen, &options, both);
        assert_eq!(arguments, ["--write-baseline", "--readme", "--record"]);
        // One that failed is not recorded.
        let arguments = report_arguments(&chosen[..1], &options, Writes::default());
        assert_eq!(arguments, ["--only", "costs"]);
    }
}
