//! `nosana`: the network's one binary.

mod amount;
mod commands;
mod confirm;
mod files;
mod hints;
mod shutdown;

use std::{io::IsTerminal, process::ExitCode};

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use commands::{bench, completions, job, localnet, market, node, rewards, stake, store};

/// A decentralized crowd computer: markets of GPU work on Solana
#[derive(Debug, Parser)]
#[command(name = "nosana", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Keep a local network up, with the programs, a market and funded wallets, until Ctrl-C
    Localnet(localnet::Options),
    /// Measure whole markets on this machine
    #[command(subcommand)]
    Bench(bench::Command),
    /// List jobs, watch them, and end them
    #[command(subcommand)]
    Job(job::Command),
    /// Work with this machine's GPU
    #[command(subcommand)]
    Node(node::Command),
    /// List markets, open them, change their terms
    #[command(subcommand)]
    Market(market::Command),
    /// Stake NOS, and delegate to nodes
    #[command(subcommand)]
    Stake(stake::Command),
    /// Take what a stake has earned, and give to those who stake
    #[command(subcommand)]
    Rewards(rewards::Command),
    /// Look after the definitions and results on this machine
    #[command(subcommand)]
    Store(store::Command),
    /// Print a script that completes commands in your shell
    Completions(completions::Options),
}

impl Command {
    /// What is logged unless `RUST_LOG` says otherwise. The demo tells what it does by itself.
    /// Machines without a screen have no OpenGL, which is tried beside Vulkan and is no error.
    const fn log_filter(&self) -> &'static str {
        match self {
            Self::Localnet(_) | Self::Node(node::Command::Run(_)) => {
                "warn,nosana=info,wgpu_hal::gles=off"
            }
            _ => "warn,wgpu_hal::gles=off",
        }
    }
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(command.log_filter()));
    let colors = std::io::stderr().is_terminal();
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colors).with_target(false);
    log.with_writer(std::io::stderr).init();
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // It may repeat what nodes, files and servers said.
            let told = hints::explain(&error).to_string();
            eprintln!("{}", String::from_utf8_lossy(&job::terminal::for_terminal(told.as_bytes())));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Localnet(options) => localnet::run(options).await,
            Command::Bench(command) => bench::run(command).await,
            Command::Job(command) => job::run(command).await,
            Command::Node(command) => node::run(command).await,
            Command::Market(command) => market::run(command).await,
            Command::Stake(command) => stake::run(command).await,
            Command::Rewards(command) => rewards::run(command).await,
            Command::Store(command) => store::run(command),
            Command::Completions(options) => completions::run(&options, Cli::command()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_the_documentation_shows_is_understood() {
        for line in [
            "nosana localnet",
            "nosana localnet --port 0 --slot-ms 50 --with-node --info-file x.json --programs p --store s",
            "nosana bench demo",
            "nosana bench demo --jobs 3 --slot-ms 50 --out folder --no-open",
            "nosana job run --yes --wait --env CI=true --input src --artifact out/*.xml --network -- make test",
            "nosana job run --timeout 60 --memory-mib 512 --cpus 1 --disk-mib 100 -- make",
            "nosana job run --wait --artifacts-to out --input a.tar:b -- make",
            "nosana job generate --max-tokens 8 --yes --wait Hello",
            "nosana job logs 11111111111111111111111111111111 --artifacts-to out",
            "nosana store gc --days 7 --store s",
            "nosana job embed --ipfs http://127.0.0.1:5001 --yes Hello",
            "nosana node bench",
            "nosana node run --slots 2 --min-price 0.0001 --state s --metrics 127.0.0.1:0",
            "nosana node bench --json",
            "nosana node setup --days 365 --stake 25 --slots 4 --yes",
            "nosana node status 11111111111111111111111111111111 --output json",
            "nosana node drain --off",
            "nosana node claim",
        ] {
            let parsed = Cli::try_parse_from(line.split(' '));
            assert!(parsed.is_ok(), "{line}: {parsed:?}");
        }
        assert!(Cli::try_parse_from(["nosana", "localnet", "--port", "70000"]).is_err());
        assert!(Cli::try_parse_from(["nosana", "job", "run", "--yes"]).is_err());
        assert!(
            Cli::try_parse_from(["nosana", "job", "run", "--artifacts-to", "out", "--", "make"])
                .is_err()
        );
    }
}
