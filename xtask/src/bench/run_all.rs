//! Runs benchmarks one after the other, and makes one page of what they wrote.

use std::{
    fs,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, bail};

use super::{
    Options,
    benchmarks::{BENCHMARKS, Benchmark, Runner},
    commands::{benchmark_command, compile_cargo, nosana_bench},
};
use crate::{demo, layout, progress::Steps, shell};

/// The variable that makes the suites and the summary write `bench/baseline.json`.
const WRITE_BASELINE: &str = "NOSANA_WRITE_BASELINE";

/// Runs the chosen benchmarks, and goes on after one that fails. The exit status is a failure if
/// one of them failed, or if the comparison does.
pub fn run_all(options: &Options) -> Result<ExitCode> {
    demo::build_nosana()?;
    let chosen = choose_benchmarks(options);
    let suites: Vec<&str> = chosen.iter().filter_map(|benchmark| benchmark.suite()).collect();
    if !suites.is_empty() {
        shell::run(&mut compile_cargo(&suites))?;
    }

    let failed = measure_all(&chosen, options.quick)?;

    let reported = report_all(&chosen, options)?;
    if failed.is_empty() {
        return Ok(reported);
    }
    eprintln!(
        "{} of {} benchmarks failed: {}; the logs are in target/bench/logs",
        failed.len(),
        chosen.len(),
        failed.join(", ")
    );
    Ok(ExitCode::FAILURE)
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

/// Runs each benchmark, and returns the names of those that failed.
fn measure_all(chosen: &[&Benchmark], quick: bool) -> Result<Vec<&'static str>> {
    let logs = layout::target_folder().join("bench/logs");
    fs::create_dir_all(&logs).with_context(|| format!("cannot create {}", logs.display()))?;

    let mut failed = Vec::new();
    let mut steps = Steps::new("measuring", chosen.len());
    for benchmark in chosen {
        let mut command = benchmark_command(benchmark, quick);
        let log = logs.join(format!("{}.log", benchmark.name));
        let measured =
            steps.run_step(benchmark.name, || measure_one(benchmark, &mut command, &log));
        if let Err(error) = measured {
            eprintln!("{error:#}");
            failed.push(benchmark.name);
        }
    }

    Ok(failed)
}

/// Runs a benchmark with its output in a log. Removes its files first, so that a failure does not
/// leave older figures.
fn measure_one(benchmark: &Benchmark, command: &mut Command, log: &Path) -> Result<()> {
    let target = layout::target_folder();
    let files = benchmark.writes.iter().map(|file| target.join(file));
    for path in files.chain([log.to_path_buf()]) {
        remove_file(&path)?;
    }

    shell::run_logged(command, log)?;
    match benchmark.writes.iter().find(|file| !target.join(file).is_file()) {
        None => Ok(()),
        Some(file) => bail!("`{}` did not write target/{file}", benchmark.name),
    }
}

fn remove_file(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// Makes the page, and prints the table and the comparison.
fn report_all(chosen: &[&Benchmark], options: &Options) -> Result<ExitCode> {
    let mut report = nosana_bench();
    report.arg("report").args(report_arguments(chosen, options));
    if std::env::var_os(WRITE_BASELINE).is_some() {
        report.arg("--write-baseline");
    }

    let status = report.status().context("cannot start `nosana bench report`")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns the arguments of the report: it compares what was run.
fn report_arguments(chosen: &[&Benchmark], options: &Options) -> Vec<&'static str> {
    let mut arguments = Vec::new();
    if options.compare {
        arguments.push("--compare");
    }
    arguments.extend(chosen.iter().flat_map(|benchmark| ["--only", benchmark.name]));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(only: &[&str]) -> Options {
        let only = only.iter().map(|name| (*name).to_owned()).collect();
        Options { quick: false, compare: true, only, args: Vec::new() }
    }

    #[test]
    fn chosen_benchmarks_are_run_and_compared_in_order() {
        let options = options(&["throughput", "costs"]);
        let chosen = choose_benchmarks(&options);
        let names: Vec<&str> = chosen.iter().map(|benchmark| benchmark.name).collect();
        assert_eq!(names, ["costs", "throughput"]);

        let arguments = report_arguments(&chosen, &options);
        assert_eq!(arguments, ["--compare", "--only", "costs", "--only", "throughput"]);
    }

    #[test]
    fn a_benchmark_that_fails_does_not_stop_the_others() {
        let folder = std::env::temp_dir();
        let log = folder.join(format!("nosana-bench-{}.log", std::process::id()));
        let benchmark = Benchmark {
            name: "sample",
            runner: Runner::Nosana { args: &[], quick_args: &[] },
            writes: &[],
        };

        let failed = measure_one(&benchmark, &mut Command::new("false"), &log);
        assert!(failed.unwrap_err().to_string().contains("`false` failed"));
        measure_one(&benchmark, &mut Command::new("true"), &log).unwrap();
        assert_eq!(fs::read_to_string(&log).unwrap(), "");
        fs::remove_file(log).unwrap();

        let silent = Benchmark { writes: &["bench/never-written.json"], ..benchmark };
        let log = folder.join(format!("nosana-bench-silent-{}.log", std::process::id()));
        let error = measure_one(&silent, &mut Command::new("true"), &log).unwrap_err();
        assert!(error.to_string().contains("did not write"), "{error}");
        fs::remove_file(log).unwrap();
    }
}
