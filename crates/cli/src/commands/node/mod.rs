//! `nosana node`.

mod bench;
mod claim;
mod drain;
mod facts;
mod gpus;
mod run;
mod setup;
mod slots;
mod status;

use anyhow::Result;
use clap::Subcommand;

/// What to do with the GPU, and with the node that sells its work.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the GPUs of this machine with the numbers that `--gpu` takes
    Gpus(gpus::Options),
    /// Measure the GPU, and print what a node would commit to
    Bench(bench::Options),
    /// Stake, measure and register what a market asks for, step by step
    Setup(setup::Options),
    /// Take jobs, run them, be paid, until Ctrl-C or SIGTERM
    Run(Box<run::RunOptions>),
    /// Show a node: its slots, reputation, stake, and what it could do next
    Status(status::Options),
    /// Take no new jobs, or take them again
    Drain(drain::Options),
    /// Take all that is owed to the node and its stake
    Claim(claim::Options),
}

/// Runs the command.
pub async fn run(command: Command) -> Result<()> {
    match command {
        Command::Gpus(options) => gpus::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Setup(options) => setup::run(options).await,
        Command::Run(options) => run::run(*options).await,
        Command::Status(options) => status::run(options).await,
        Command::Drain(options) => drain::run(options).await,
        Command::Claim(options) => claim::run(options).await,
    }
}
