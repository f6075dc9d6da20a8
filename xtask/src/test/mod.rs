//! `cargo xtask test` and `cargo xtask check`: every check, in an order that runs the cheap ones
//! first and compiles nothing twice.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`step`] | one step and its outcome |
//! | [`steps`] | the list of all steps |
//! | [`bucket_checks`] | the step that fetches from an S3 server of others |
//! | [`cargo_checks`] | the steps that run cargo |
//! | [`container_checks`] | whether this machine runs containers |
//! | [`host_checks`] | the step that tests the host workspace |
//! | [`namespace_checks`] | the step that needs network namespaces |
//! | [`node_checks`] | the steps that also need Node.js |
//! | [`openai_checks`] | the step that calls the server by OpenAI's client |
//! | [`parallel`] | commands that run at the same time |
//! | [`python_checks`] | the step that tests the Python client |
//! | [`relay_checks`] | the step that runs endpoints over a relay |
//! | [`suites`] | the test programs of the host workspace |
//! | [`vulkan_checks`] | the step that runs models by Vulkan |

mod bucket_checks;
mod cargo_checks;
mod container_checks;
mod host_checks;
mod namespace_checks;
mod node_checks;
mod openai_checks;
mod parallel;
mod python_checks;
mod relay_checks;
mod step;
mod steps;
mod suites;
mod vulkan_checks;

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::progress::format_duration;
use step::{Outcome, RunsIn, Step};
use steps::STEPS;

/// The selection of steps.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Run only this step; the files that it needs must exist
    #[arg(long, value_parser = step_names())]
    only: Option<String>,
    /// Run this step and all later ones
    #[arg(long, value_parser = step_names(), conflicts_with = "only")]
    from: Option<String>,
    /// Write the result of the only step to this file (steps that run beside each other have it)
    #[arg(long, hide = true, requires = "only", value_name = "FILE")]
    verdict: Option<PathBuf>,
}

/// Returns a parser of the steps' names for the command line.
fn step_names() -> clap::builder::PossibleValuesParser {
    let value = |step: &Step| clap::builder::PossibleValue::new(step.name).help(step.about);
    STEPS.iter().map(value).collect::<Vec<_>>().into()
}

/// Runs the selected steps of the full test.
pub fn run_tests(options: &Options) -> Result<()> {
    let steps: Vec<&Step> = STEPS.iter().filter(|step| step.runs_in != RunsIn::Check).collect();
    let position = |name: &String| steps.iter().position(|step| step.name == name);

    let chosen = match (&options.only, &options.from) {
        (Some(name), _) => {
            let only: Vec<&Step> = STEPS.iter().filter(|step| step.name == name).collect();
            let times = run_steps(&only)?;
            return write_verdict(options, &times);
        }
        (None, Some(name)) => {
            position(name).with_context(|| {
                format!("`{name}` is not a step of the full test; run it with `--only {name}`")
            })?..
        }
        (None, None) => 0..,
    };

    run_steps(steps.get(chosen).context("no such step")?).map(drop)
}

/// Writes the result of the only step to the file that the options name, if they do.
fn write_verdict(options: &Options, times: &[StepTime]) -> Result<()> {
    let (Some(file), [(_, _, verdict)]) = (&options.verdict, times) else { return Ok(()) };

    fs::write(file, verdict).with_context(|| format!("cannot write {}", file.display()))
}

/// Runs the quick steps. They take a few minutes at most and need neither a GPU nor, once set up, a
/// network.
pub fn run_check() -> Result<()> {
    let steps: Vec<&Step> = STEPS.iter().filter(|step| step.runs_in != RunsIn::Test).collect();
    run_steps(&steps).map(drop)
}

/// Runs the steps until one fails, and prints how long each took. Returns the same.
fn run_steps(steps: &[&Step]) -> Result<Vec<StepTime>> {
    let begun = Instant::now();
    let mut times: Vec<StepTime> = Vec::new();
    let mut done = 0;

    // A group has one step, or several that run at the same time.
    for group in steps.chunk_by(|step, next| step.is_parallel && next.is_parallel) {
        let failure = match group {
            [step] => run_alone(step, (done + 1, steps.len()), &mut times),
            group => run_group(group, &mut times)?,
        };
        done += group.len();

        if let Some((name, problem)) = failure {
            print_times(&times, begun.elapsed());
            bail!(
                "step {name} failed{problem}\nrun only this step: cargo xtask test --only {name}"
            );
        }
    }

    print_times(&times, begun.elapsed());
    Ok(times)
}

/// A step's name, how long it took, and how it ended.
type StepTime = (&'static str, Duration, String);

/// The step that failed, and why.
type StepFailure = (&'static str, String);

fn run_alone(
    step: &Step,
    (number, count): (usize, usize),
    times: &mut Vec<StepTime>,
) -> Option<StepFailure> {
    eprintln!("\n== {} ({number}/{count}): {}", step.name, step.about);
    let start = Instant::now();
    let outcome = (step.run)();

    let verdict = match &outcome {
        Ok(Outcome::Passed) => "ok".to_owned(),
        Ok(Outcome::PassedAlone(names)) => format!("ok, but only alone: {}", names.join(", ")),
        Ok(Outcome::Skipped(why)) => (*why).to_owned(),
        Err(_) => "FAILED".to_owned(),
    };
    times.push((step.name, start.elapsed(), verdict));
    outcome.err().map(|error| (step.name, format!(": {error:#}")))
}

fn run_group(steps: &[&Step], times: &mut Vec<StepTime>) -> Result<Option<StepFailure>> {
    eprintln!("\n== at the same time:");
    let tasks = steps.iter().map(|step| parallel::step_task(step)).collect::<Result<_>>()?;
    let ended = parallel::run_tasks(tasks, steps.len())?;

    let mut failed = None;
    for task in ended {
        let step = steps.iter().find(|step| step.name == task.name).context("no such step")?;
        let verdict =
            if task.has_passed { parallel::read_verdict(step)? } else { "FAILED".to_owned() };
        times.push((step.name, task.time, verdict));
        if !task.has_passed {
            failed.get_or_insert((step.name, String::new()));
        }
    }
    Ok(failed)
}

/// Prints the steps with their times; some may have run at the same time.
fn print_times(times: &[StepTime], total: Duration) {
    println!("\n{:16} {:>14}  result", "step", "time");
    for (name, time, verdict) in times {
        println!("{name:16} {:>14}  {verdict}", format_duration(*time));
    }

    println!("{:16} {:>14}", "all", format_duration(total));
}
