//! Developer commands, run as `cargo xtask <command>`.
//!
//! `cargo build` alone is not enough: a second compiler builds the programs for the chain, the IDLs
//! are generated from the code, and the tests need both. These commands do all of it on a machine
//! with Rust and a C compiler, and skip what is up to date.

mod bench;
mod build;
mod build_costs;
mod cache;
mod calibrate;
mod demo;
mod deny;
mod fuzz;
mod gpu;
mod idl;
mod layout;
mod mutants;
mod npm;
mod package;
mod peer;
mod progress;
mod python_packages;
mod sbf;
mod setup;
mod shell;
mod style;
mod test;
mod wheels;
mod workspace;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Developer commands of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install the system packages and programs that the build and the tests need
    Setup,
    /// Build every on-chain program into target/deploy
    BuildPrograms {
        /// Which compiler makes the programs
        #[arg(long, value_enum, default_value_t)]
        toolchain: sbf::Choice,
    },
    /// Generate the programs' IDLs in idl/, and the code of the clients from them
    Idl {
        /// Write nothing; fail where a committed IDL differs from the code
        #[arg(long)]
        check: bool,
        /// Leave out the clients in Python and TypeScript, which need Python and Node.js
        #[arg(long, conflicts_with = "check")]
        only_idl: bool,
    },
    /// Print the IDL of one program folder (the idl command runs itself with this)
    #[command(hide = true)]
    PrintIdl { program: PathBuf },
    /// Run the checks that take a few minutes: format, style, and unit tests of the programs
    Check,
    /// Run every check and test
    Test(test::Options),
    /// Check the figures of STYLE.md, and print them
    Style,
    /// Check the licenses and sources of all dependencies with cargo-deny
    Deny,
    /// Try random operations on the programs, and compare each with its model
    Fuzz(fuzz::Options),
    /// Change the rules one at a time, and check that their unit tests then fail
    Mutants(mutants::Options),
    /// Build `nosana` for this machine's GPU
    ///
    /// Installs what the build needs.
    Gpu(gpu::Options),
    /// Make a package of `nosana` that runs on every processor of this architecture
    ///
    /// Writes target/package/nosana and an archive of it. Compiles llama.cpp for each kind of
    /// processor, which takes some ten minutes on two cores.
    Package(package::Options),
    /// Print the ten crates that take longest to build
    ///
    /// Builds everything into an empty folder.
    BuildCosts(build_costs::Options),
    /// Run a whole market on this machine
    ///
    /// Builds everything, then runs `nosana bench demo`.
    Demo {
        /// Run nodes that cheat, and the disputes about their results: `nosana bench liar`
        #[arg(long)]
        liar: bool,
        /// Arguments for `nosana bench demo` or `nosana bench liar`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Measure how far honest runs of a model differ, and how far those that save work
    ///
    /// Builds everything, then runs `nosana bench calibrate` with variants of the models. Fails if
    /// a bound does not hold. With `--record FILE` it records this machine's honest runs instead,
    /// and with `--against FILE` it compares those of another machine; both need no variants.
    Calibrate {
        /// Arguments for `nosana bench calibrate`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Play disputes with all kinds of agents and terms
    ///
    /// Builds everything, then runs `nosana bench simulate`. Fails if a strategy pays.
    Simulate {
        /// Arguments for `nosana bench simulate`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Measure the programs and this software
    ///
    /// Builds everything, then makes one page of all results: target/bench/index.html.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    run_command(Cli::parse().command).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run_command(command: Command) -> Result<ExitCode> {
    match command {
        Command::Setup => setup::install_everything()?,
        Command::BuildPrograms { toolchain } => build::build_programs(toolchain)?,
        Command::Idl { check: true, .. } => idl::check_idls()?,
        Command::Idl { check: false, only_idl } => {
            idl::write_idls()?;
            if !only_idl {
                idl::generate_clients()?;
            }
        }
        Command::PrintIdl { program } => idl::print_idl(program)?,
        Command::Check => test::run_check()?,
        Command::Test(options) => test::run_tests(&options)?,
        Command::Style => style::check_figures()?,
        Command::Deny => deny::run_deny()?,
        Command::Fuzz(options) => fuzz::run_fuzz(&options)?,
        Command::Mutants(options) => mutants::run_mutants(&options)?,
        Command::Gpu(options) => gpu::build_for_gpu(&options)?,
        Command::Package(options) => package::make_package(&options)?,
        Command::BuildCosts(options) => build_costs::print_costs(&options)?,
        Command::Demo { liar, args } => {
            let benchmark = if liar { "liar" } else { "demo" };
            return demo::run_nosana(["bench", benchmark].into_iter(), &args);
        }
        Command::Calibrate { args } => return calibrate::run_calibration(&args),
        Command::Simulate { args } => {
            return demo::run_nosana(["bench", "simulate"].into_iter(), &args);
        }
        Command::Bench(options) => return bench::run_benchmarks(&options),
    }
    Ok(ExitCode::SUCCESS)
}
