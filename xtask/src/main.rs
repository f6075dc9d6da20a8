//! Developer commands, run as `cargo xtask <command>`.
//!
//! The repository needs more than `cargo build`: programs for the chain come from another compiler,
//! the IDLs must follow the code, and tests want both in place first. These commands do that from a
//! machine with nothing but Rust and a C compiler, and do nothing that is done already.

mod build;
mod cache;
mod check;
mod demo;
mod fuzz;
mod idl;
mod layout;
mod progress;
mod sbf;
mod setup;
mod shell;
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
    /// Check for the system packages that the build needs, and install what is missing
    Setup,
    /// Build every on-chain program into target/deploy
    BuildPrograms {
        /// Which compiler makes the programs
        #[arg(long, value_enum, default_value_t)]
        toolchain: sbf::Choice,
    },
    /// Write the programs' IDLs into idl/
    Idl {
        /// Write nothing; fail where a committed IDL differs from the code
        #[arg(long)]
        check: bool,
    },
    /// Print the IDL of one program folder (the idl command runs itself with this)
    #[command(hide = true)]
    PrintIdl { program: PathBuf },
    /// Run every check and test, in order
    Test(check::Options),
    /// Build everything, then try random sequences of operations on the programs, each against its
    /// model
    Fuzz(fuzz::Options),
    /// Build everything, then run a whole market on this machine: `nosana bench demo`
    Demo {
        /// Arguments for `nosana bench demo`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Build everything, then run the benchmark harness: `nosana bench`
    Bench {
        /// Arguments for `nosana bench`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

fn main() -> ExitCode {
    run(Cli::parse().command).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Setup => setup::everything()?,
        Command::BuildPrograms { toolchain } => build::programs(toolchain)?,
        Command::Idl { check: true } => idl::check()?,
        Command::Idl { check: false } => idl::write()?,
        Command::PrintIdl { program } => idl::print(program)?,
        Command::Test(options) => check::run(&options)?,
        Command::Fuzz(options) => fuzz::run(&options)?,
        Command::Demo { args } => return demo::run(["bench", "demo"].into_iter(), &args),
        Command::Bench { args } => return demo::run(["bench"].into_iter(), &args),
    }
    Ok(ExitCode::SUCCESS)
}
