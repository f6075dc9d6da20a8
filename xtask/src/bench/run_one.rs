//! Runs one benchmark, with its output on this terminal.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::{
    benchmarks::{Benchmark, Runner},
    commands::suite_cargo,
};
use crate::{build, demo, sbf, shell};

/// Runs the suite of this benchmark, or `nosana bench` with these arguments.
pub fn run_one(name: &str, args: &[String]) -> Result<ExitCode> {
    let benchmark = Benchmark::find(name);

    match benchmark.map(|benchmark| (&benchmark.runner, benchmark.writes)) {
        Some((Runner::Suite { suite, variables }, writes)) => {
            if let Some(argument) = args.get(1) {
                bail!(
                    "`{name}` has no argument `{argument}`; options of `cargo xtask bench` come \
                     without a name, such as `--only {name} --compare`"
                );
            }
            run_suite(suite, variables, writes)
        }
        Some((Runner::Nosana { .. }, _)) | None => demo::run_nosana(["bench"].into_iter(), args),
    }
}

fn run_suite(suite: &str, variables: &[(&str, &str)], writes: &[&str]) -> Result<ExitCode> {
    build::build_programs(sbf::Choice::Auto)?;

    let mut cargo = suite_cargo(suite);
    shell::run(cargo.envs(variables.iter().copied()))?;
    for file in writes {
        println!("target/{file} has all figures");
    }
    Ok(ExitCode::SUCCESS)
}
