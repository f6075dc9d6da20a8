//! `cargo xtask test` and `cargo xtask check`: every check, in an order that finds cheap faults
//! first and compiles nothing twice.

mod steps;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::progress::format_duration;
use steps::STEPS;

/// One check.
pub struct Step {
    /// The name that `--only` and `--from` take.
    pub name: &'static str,
    /// What the check proves.
    pub about: &'static str,
    /// The commands that include it.
    pub runs_in: RunsIn,
    /// The check itself.
    pub run: fn() -> Result<Outcome>,
}

/// The commands that include a step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RunsIn {
    /// `cargo xtask check` and `cargo xtask test`.
    Both,
    /// `cargo xtask check` alone: the full test covers it elsewhere.
    Check,
    /// `cargo xtask test` alone: it takes minutes.
    Test,
}

/// The outcome of a check that did not fail.
pub enum Outcome {
    /// The check holds.
    Passed,
    /// There is nothing to check, and why.
    Skipped(&'static str),
}

/// The steps to run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Run this step alone; the files that it builds on must exist
    #[arg(long, value_parser = step_names())]
    only: Option<String>,
    /// Run this step and those after it
    #[arg(long, value_parser = step_names(), conflicts_with = "only")]
    from: Option<String>,
}

/// The steps' names, for the command line.
fn step_names() -> clap::builder::PossibleValuesParser {
    let value = |step: &Step| clap::builder::PossibleValue::new(step.name).help(step.about);
    STEPS.iter().map(value).collect::<Vec<_>>().into()
}

/// Runs the chosen steps of the full test.
pub fn run_tests(options: &Options) -> Result<()> {
    let steps: Vec<&Step> = STEPS.iter().filter(|step| step.runs_in != RunsIn::Check).collect();
    let position = |name: &String| steps.iter().position(|step| step.name == name);
    let chosen = match (&options.only, &options.from) {
        (Some(name), _) => {
            let only: Vec<&Step> = STEPS.iter().filter(|step| step.name == name).collect();
            return run_steps(&only);
        }
        (None, Some(name)) => {
            position(name).with_context(|| {
                format!("`{name}` is not a step of the full test; `--only {name}` runs it")
            })?..
        }
        (None, None) => 0..,
    };

    run_steps(steps.get(chosen).context("no such step")?)
}

/// Runs the quick steps: minutes at most, without a GPU, without a network once set up.
pub fn run_check() -> Result<()> {
    let steps: Vec<&Step> = STEPS.iter().filter(|step| step.runs_in != RunsIn::Test).collect();
    run_steps(&steps)
}

/// Runs the steps until one fails, and prints how long each took.
fn run_steps(steps: &[&Step]) -> Result<()> {
    let mut times: Vec<(&str, Duration, &str)> = Vec::new();

    for (index, step) in steps.iter().enumerate() {
        eprintln!("\n== {} ({}/{}): {}", step.name, index + 1, steps.len(), step.about);
        let start = Instant::now();
        let outcome = (step.run)();
        let verdict = match &outcome {
            Ok(Outcome::Passed) => "ok",
            Ok(Outcome::Skipped(why)) => why,
            Err(_) => "FAILED",
        };
        times.push((step.name, start.elapsed(), verdict));

        if let Err(error) = outcome {
            print_times(&times);
            let name = step.name;
            bail!("step {name} failed: {error:#}\nrun it alone: cargo xtask test --only {name}");
        }
    }

    print_times(&times);
    Ok(())
}

/// Prints the steps with their times.
fn print_times(times: &[(&str, Duration, &str)]) {
    println!("\n{:16} {:>14}  result", "step", "time");
    for (name, time, verdict) in times {
        println!("{name:16} {:>14}  {verdict}", format_duration(*time));
    }

    let total = times.iter().map(|(_, time, _)| *time).sum();
    println!("{:16} {:>14}", "all", format_duration(total));
}
