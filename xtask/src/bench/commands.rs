//! The commands that run benchmarks.

use std::{path::Path, process::Command};

use super::benchmarks::{Benchmark, Runner, SCALE};
use crate::{demo, layout, peer, shell};

/// The variable that makes a suite leave the committed figures alone: the page compares them, and
/// they are written only if no benchmark fails.
const SKIP_BASELINE: &str = "NOSANA_SKIP_BASELINE";

/// Returns a cargo command that runs a suite with its output on this terminal.
pub fn suite_cargo(suite: &str) -> Command {
    let mut cargo = shell::cargo();
    cargo
        .args(["test", "--workspace", "--test", suite, "--", "--nocapture"])
        .env("SBF_OUT_DIR", layout::deploy_folder())
        .current_dir(layout::root_folder());

    cargo
}

/// Returns a cargo command that compiles suites.
pub fn compile_cargo(suites: &[&str]) -> Command {
    let mut cargo = shell::cargo();
    cargo.args(["test", "--workspace", "--no-run"]).current_dir(layout::root_folder());
    for suite in suites {
        cargo.arg("--test").arg(suite);
    }

    cargo
}

/// Returns `nosana bench` in the repository's folder, where it writes its reports.
pub fn nosana_bench() -> Command {
    let mut nosana = demo::nosana_command();
    nosana.arg("bench").current_dir(layout::root_folder());

    nosana
}

/// Returns the command of a benchmark that runs with others.
pub fn benchmark_command(benchmark: &Benchmark, quick: bool) -> Command {
    match &benchmark.runner {
        Runner::Suite { suite, variables } => {
            let mut cargo = suite_cargo(suite);
            cargo.env(SKIP_BASELINE, "1");
            for (name, value) in variables.iter().filter(|_| !quick) {
                cargo.env(name, value);
            }
            cargo
        }
        Runner::Nosana { args, quick_args } => {
            let mut nosana = nosana_bench();
            nosana.arg(benchmark.name).args(if quick { *quick_args } else { *args });
            if benchmark.name == peer::BENCHMARK && !quick {
                set_peer(&mut nosana);
            }
            if benchmark.name == SCALE {
                set_demo(&mut nosana, &layout::target_folder());
            }
            nosana
        }
    }
}

/// Names the other binding of llama.cpp to the command. Without it, the engine is measured alone.
fn set_peer(nosana: &mut Command) {
    if let Err(error) = peer::set_peer(nosana) {
        eprintln!("the engine is measured without another binding of llama.cpp: {error:#}");
    }
}

/// Names the last run of the demo to the command, which shows it beside the same run in the model.
/// Without one, nothing is compared.
fn set_demo(nosana: &mut Command, target: &Path) {
    let demo = target.join("demo/demo.json");
    if demo.is_file() {
        nosana.arg("--demo").arg(demo);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(command: &Command) -> Vec<String> {
        command.get_args().map(|it| it.to_string_lossy().into_owned()).collect()
    }

    fn find_command(name: &str, quick: bool) -> Command {
        benchmark_command(Benchmark::find(name).unwrap(), quick)
    }

    #[test]
    fn quick_runs_measure_less() {
        let faults = arguments(&find_command("faults", true));
        assert_eq!(faults[..2], ["bench", "faults"]);
        assert!(faults.contains(&"25".to_owned()), "{faults:?}");
        assert!(arguments(&find_command("faults", false)).contains(&"120".to_owned()));

        assert!(arguments(&find_command("engine", true)).contains(&"--quick".to_owned()));

        let counts_jobs = |quick| {
            let throughput = find_command("throughput", quick);
            throughput.get_envs().any(|(name, _)| name == "NOSANA_THROUGHPUT_JOBS")
        };
        assert!(counts_jobs(false) && !counts_jobs(true));
        let costs = find_command("costs", true);
        assert!(costs.get_envs().any(|(name, value)| {
            name == SKIP_BASELINE && value.is_some_and(|value| value == "1")
        }));
    }

    #[test]
    fn the_model_is_compared_with_a_demo_if_one_was_run() {
        let target = std::env::temp_dir().join(format!("nosana-demo-{}", std::process::id()));
        let run = |target: &Path| {
            let mut command = Command::new("nosana");
            set_demo(&mut command, target);
            arguments(&command)
        };
        assert!(run(&target).is_empty());

        let demo = target.join("demo/demo.json");
        std::fs::create_dir_all(target.join("demo")).unwrap();
        std::fs::write(&demo, "{}").unwrap();
        assert_eq!(run(&target), ["--demo", demo.to_str().unwrap()]);
        std::fs::remove_dir_all(target).unwrap();
    }

    #[test]
    fn suites_are_compiled_together() {
        let compile = arguments(&compile_cargo(&["compute", "throughput"]));
        assert_eq!(compile[3..], ["--test", "compute", "--test", "throughput"]);
    }
}
