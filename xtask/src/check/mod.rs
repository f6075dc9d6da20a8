//! `cargo xtask test`: every check, in an order that finds cheap faults first and compiles nothing
//! twice.

mod steps;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::progress::seconds;
use steps::STEPS;

/// One check.
pub struct Step {
    /// What `--only` and `--from` call it.
    pub name: &'static str,
    /// What it makes sure of.
    pub about: &'static str,
    /// The check.
    pub run: fn() -> Result<Outcome>,
}

/// How a check that did not fail went.
pub enum Outcome {
    /// Everything holds.
    Passed,
    /// There is nothing to check, and why.
    Nothing(&'static str),
}

/// Which steps to run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Run this step alone (what it builds on must be there)
    #[arg(long, value_parser = names())]
    only: Option<String>,
    /// Run this step and those after it
    #[arg(long, value_parser = names(), conflicts_with = "only")]
    from: Option<String>,
}

/// The steps' names, for the command line.
fn names() -> clap::builder::PossibleValuesParser {
    STEPS
        .iter()
        .map(|step| clap::builder::PossibleValue::new(step.name).help(step.about))
        .collect::<Vec<_>>()
        .into()
}

/// Runs the chosen steps until one fails, and says how long each took.
pub fn run(options: &Options) -> Result<()> {
    let position = |name: &String| STEPS.iter().position(|step| step.name == name);
    let chosen = match (&options.only, &options.from) {
        (Some(name), _) => position(name).map_or(0..0, |at| at..at + 1),
        (None, Some(name)) => position(name).unwrap_or(0)..STEPS.len(),
        (None, None) => 0..STEPS.len(),
    };
    let steps = STEPS.get(chosen).context("no such step")?;
    let mut times: Vec<(&str, Duration, &str)> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        eprintln!("\n== {} ({}/{}): {}", step.name, index + 1, steps.len(), step.about);
        let start = Instant::now();
        let outcome = (step.run)();
        let verdict = match &outcome {
            Ok(Outcome::Passed) => "ok",
            Ok(Outcome::Nothing(why)) => why,
            Err(_) => "FAILED",
        };
        times.push((step.name, start.elapsed(), verdict));
        if let Err(error) = outcome {
            table(&times);
            bail!(
                "step {} failed: {error:#}\nto run it alone: cargo xtask test --only {}",
                step.name,
                step.name
            );
        }
    }
    table(&times);
    Ok(())
}

/// Prints the steps with their times.
fn table(times: &[(&str, Duration, &str)]) {
    println!("\n{:16} {:>14}  result", "step", "time");
    for (name, time, verdict) in times {
        println!("{name:16} {:>14}  {verdict}", seconds(*time));
    }
    let total = times.iter().map(|(_, time, _)| *time).sum();
    println!("{:16} {:>14}", "all", seconds(total));
}
