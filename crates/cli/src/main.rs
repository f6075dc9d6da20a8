//! `nosana`: the command line for clients, node owners and stakers.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`commands`] | the subcommands |
//! | [`amount`], [`confirm`] | amounts of NOS as arguments; questions before payments |
//! | [`command_line`], [`exit_status`] | reading the arguments; the status at the end |
//! | [`content_endpoint`] | content over HTTP, for browsers |
//! | [`console`] | standard output and standard error |
//! | [`hints`] | how errors are printed |
//! | [`localnet_files`] | keys, store and description of a local network |
//! | [`shutdown`] | Ctrl-C and SIGTERM |
//! | [`headless`] | machines without a screen |
//! | [`version`] | version, commit and programs |
//! | [`terminal`] | text of other people on the terminal |

#[macro_use]
mod console;

mod amount;
mod command_line;
mod commands;
mod confirm;
mod content_endpoint;
mod exit_status;
mod headless;
mod hints;
mod localnet_files;
mod refusals;
mod shutdown;
mod terminal;
#[cfg(test)]
mod tests;
mod version;

use std::{ffi::OsString, io::IsTerminal, process::ExitCode, time::Duration};

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use commands::{
    bench, client_network, completions, deploy, dispute, doctor, explorer, gateway, job, localnet,
    market, model, node, node::NodeCommand, rewards, stake, store, wallet,
};

/// The log of llama.cpp.
const ENGINE_LOG: &str = "llama";
/// It reports each step of loading a model.
const QUIET_ENGINE: &str = "llama-cpp-2=warn,llama_cpp_2=warn";
/// It warns of paths that it replaces by others.
const QUIET_TRANSPORT: &str = "iroh=error,noq=error,noq_proto=error";
/// Longest time for threads to end after a signal, such as one that reads a result from a node.
const INTERRUPTION_GRACE: Duration = Duration::from_secs(1);
/// The same after any other end, such as one that reads a definition for a node that leaves.
const END_GRACE: Duration = Duration::from_secs(30);

/// A decentralized compute network: markets for GPU jobs on Solana
#[derive(Debug, Parser)]
#[command(
    name = "nosana",
    version = version::SHORT,
    long_version = version::LONG.as_str(),
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a local network with the programs, a market and funded wallets, until Ctrl-C
    Localnet(localnet::LocalnetOptions),
    /// Measure whole markets on this machine
    #[command(subcommand)]
    Bench(bench::BenchCommand),
    /// List jobs, follow them, and end them
    #[command(subcommand)]
    Job(job::JobCommand),
    /// Keep replicas of a service running: list, extend and replace them
    Deploy(Box<deploy::DeployOptions>),
    /// Read disputes about results, and move them on
    #[command(subcommand)]
    Dispute(dispute::DisputeCommand),
    /// Run a node with this machine's GPU
    #[command(subcommand)]
    Node(node::NodeCommand),
    /// Get models, and see which are on this machine
    #[command(subcommand)]
    Model(model::ModelCommand),
    /// List markets, open them, and change their terms
    #[command(subcommand)]
    Market(market::MarketCommand),
    /// Create a wallet, and see and send what it has
    #[command(subcommand)]
    Wallet(wallet::WalletCommand),
    /// Stake NOS, and delegate stake to nodes
    #[command(subcommand)]
    Stake(stake::StakeCommand),
    /// Claim the rewards of a stake, and fund the reward pool
    #[command(subcommand)]
    Rewards(rewards::RewardsCommand),
    /// Read, store and remove content on this machine
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Public URLs for ports of running jobs
    #[command(subcommand)]
    Gateway(gateway::GatewayCommand),
    /// Show the marketplace in a browser: markets, jobs, nodes and stakes, live
    Explorer(explorer::ExplorerOptions),
    /// Check network, key, programs and machine, and say what to do
    Doctor(doctor::DoctorOptions),
    /// Print a completion script for your shell
    Completions(completions::CompletionsOptions),
}

impl Command {
    /// Whether the command lists or follows a job, and so may end with the job's own exit status.
    const fn follows_job(&self) -> bool {
        matches!(self, Self::Job(command) if command.follows_job())
    }

    /// Whether the command may open a graphics device.
    const fn may_open_gpu(&self) -> bool {
        matches!(
            self,
            Self::Localnet(_)
                | Self::Bench(_)
                | Self::Job(_)
                | Self::Node(_)
                | Self::Model(_)
                | Self::Doctor(_)
        )
    }

    /// The log filter if `RUST_LOG` is not set. Benchmarks print their own progress.
    const fn log_filter(&self) -> &'static str {
        match self {
            Self::Bench(_) => "error",
            Self::Localnet(_) | Self::Node(NodeCommand::Run(_)) | Self::Gateway(_) => {
                "warn,nosana=info"
            }
            _ => "warn",
        }
    }
}

fn main() -> ExitCode {
    let command = match parse_command_line() {
        Ok(cli) => cli.command,
        Err(status) => return ExitCode::from(status),
    };
    if command.may_open_gpu() {
        headless::hide_missing_display();
    }
    start_log(&command);

    let follows_job = command.follows_job();
    let result = run(command).and_then(|()| console::check_output());
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // It may contain text of nodes, files and servers.
            let explained = hints::explain_error(&error);
            eprintln!("{}", terminal::sanitize_text(&explained));
            ExitCode::from(exit_status::find_status(&error, follows_job))
        }
    }
}

/// Reads the command line. If it is wrong, or requests only help, prints that and returns the exit
/// status.
fn parse_command_line() -> Result<Cli, u8> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let command = command_line::adapt_command(Cli::command());

    let matches = command.clone().try_get_matches_from(&arguments);
    let error = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };

    let printed = error.print();
    if error.use_stderr() {
        let more = command_line::explain_further(&error, &command, &arguments);
        if !more.is_empty() {
            eprintln!("{}", terminal::sanitize_text(more.trim_end()));
        }
        return Err(exit_status::USAGE_ERROR);
    }
    match printed.or_else(|error| console::explain_failure(&error)) {
        Ok(()) => Err(0),
        Err(error) => {
            eprintln!("error: {error}");
            Err(exit_status::FAILURE)
        }
    }
}

fn start_log(command: &Command) {
    let chosen = std::env::var(EnvFilter::DEFAULT_ENV).ok().filter(|filter| !filter.is_empty());
    let filter = match chosen {
        Some(chosen) if chosen.contains(ENGINE_LOG) => chosen,
        Some(chosen) => format!("{chosen},{QUIET_ENGINE}"),
        None => format!("{},{QUIET_ENGINE},{QUIET_TRANSPORT}", command.log_filter()),
    };
    // A wrong directive is left out, with a message.
    let filter = EnvFilter::new(filter);

    let has_colors = std::io::stderr().is_terminal();
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(has_colors).with_target(false);
    // It would report a failed write to standard error to standard error, and panic.
    log.log_internal_errors(false).with_writer(std::io::stderr).init();
}

fn run(command: Command) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;

    let ended = runtime.block_on(async {
        let ended = match command {
            Command::Localnet(options) => localnet::run_localnet(options).await,
            Command::Bench(command) => bench::run(command).await,
            Command::Dispute(command) => dispute::run(command).await,
            Command::Job(command) => job::run(command).await,
            Command::Deploy(options) => deploy::run(*options).await,
            Command::Node(command) => node::run(command).await,
            Command::Model(command) => model::run(command),
            Command::Market(command) => market::run(command).await,
            Command::Wallet(command) => wallet::run(command).await,
            Command::Stake(command) => stake::run(command).await,
            Command::Rewards(command) => rewards::run(command).await,
            Command::Store(command) => store::run(command),
            Command::Gateway(command) => gateway::run(command).await,
            Command::Explorer(options) => explorer::serve_explorer(options).await,
            Command::Doctor(options) => doctor::check_everything(options).await,
            Command::Completions(options) => {
                completions::print_completions(&options, Cli::command())
            }
        };
        client_network::close_endpoints().await;
        ended
    });

    // Nobody waits for what still blocks a thread: no command needs its result.
    let is_interrupted = ended.as_ref().is_err_and(exit_status::is_interruption);
    runtime.shutdown_timeout(if is_interrupted { INTERRUPTION_GRACE } else { END_GRACE });
    ended
}
