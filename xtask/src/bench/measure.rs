//! Runs benchmarks one after the other, each with its output in a log.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use super::{benchmarks::Benchmark, commands::benchmark_command};
use crate::{layout, progress::Steps, shell};

/// Runs each benchmark, and returns the names of those that failed.
pub fn measure_all(chosen: &[&Benchmark], quick: bool) -> Result<Vec<&'static str>> {
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

/// Runs a benchmark. Removes its files before it runs and after a failure, so that the page shows
/// neither older figures nor those of a run that failed.
fn measure_one(benchmark: &Benchmark, command: &mut Command, log: &Path) -> Result<()> {
    remove_file(log)?;
    remove_written(benchmark)?;

    if let Err(error) = shell::run_logged(command, log) {
        remove_written(benchmark)?;
        return Err(error);
    }
    let target = layout::target_folder();
    match benchmark.writes.iter().find(|file| !target.join(file).is_file()) {
        None => Ok(()),
        Some(file) => bail!("`{}` did not write target/{file}", benchmark.name),
    }
}

fn remove_written(benchmark: &Benchmark) -> Result<()> {
    let target = layout::target_folder();
    benchmark.writes.iter().try_for_each(|file| remove_file(&target.join(file)))
}

fn remove_file(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::benchmarks::Runner;

    const SAMPLE: Benchmark = Benchmark {
        name: "sample",
        runner: Runner::Nosana { args: &[], quick_args: &[] },
        writes: &[],
    };

    #[test]
    fn a_benchmark_that_fails_is_an_error() {
        let folder = std::env::temp_dir();
        let log = folder.join(format!("nosana-bench-{}.log", std::process::id()));

        let failed = measure_one(&SAMPLE, &mut Command::new("false"), &log);
        assert!(failed.unwrap_err().to_string().contains("`false` failed"));
        measure_one(&SAMPLE, &mut Command::new("true"), &log).unwrap();
        assert_eq!(fs::read_to_string(&log).unwrap(), "");

        let silent = Benchmark { writes: &["bench/never-written.json"], ..SAMPLE };
        let error = measure_one(&silent, &mut Command::new("true"), &log).unwrap_err();
        assert!(error.to_string().contains("did not write"), "{error}");
        fs::remove_file(log).unwrap();
    }

    #[test]
    fn the_files_of_a_benchmark_that_fails_are_removed() {
        let log = std::env::temp_dir().join(format!("nosana-failed-{}.log", std::process::id()));
        let written = layout::target_folder().join("bench/test-of-a-failure.json");
        fs::create_dir_all(layout::target_folder().join("bench")).unwrap();
        let failing = Benchmark { writes: &["bench/test-of-a-failure.json"], ..SAMPLE };

        let mut command = Command::new("sh");
        command.args(["-c", "echo {} > \"$0\"; exit 1"]).arg(&written);
        assert!(measure_one(&failing, &mut command, &log).is_err());
        assert!(!written.exists());
        fs::remove_file(log).unwrap();
    }
}
