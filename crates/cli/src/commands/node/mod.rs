//! `nosana node`: GPUs, and the node that sells their work. Each command is a file or a folder.
//!
//! Shared parts, which import no command:
//!
//! | module | purpose |
//! | --- | --- |
//! | `gpu_options` | choosing GPUs |
//! | `network_options` | where a node is reached, and what it keeps for others |
//! | `owner_state` | an owner's wallet, stake, node and position |
//! | `slots` | what each slot of a node is used for |
//! | `store_sweeper` | removing unused content while a node runs |

mod bench;
mod claim;
mod drain;
mod gpu_options;
mod gpus;
mod network_options;
mod owner_state;
mod reachability;
mod release;
mod run;
mod setup;
mod slots;
mod status;
mod store_sweeper;

use anyhow::Result;
use clap::Subcommand;

/// Commands of `nosana node`.
#[derive(Debug, Subcommand)]
pub enum NodeCommand {
    /// List the GPUs of this machine, with the numbers that `--gpu` takes
    Gpus(gpus::GpusOptions),
    /// Measure the GPU, and print the hardware that a node would commit to
    Bench(bench::BenchOptions),
    /// Stake, measure and register what a market requires, step by step
    Setup(setup::SetupOptions),
    /// Take jobs, run them, and get paid, until Ctrl-C or SIGTERM
    Run(Box<run::RunNodeOptions>),
    /// Show a node: its slots, reputation and stake, and what its owner could do next
    Status(status::StatusOptions),
    /// Take no new jobs, or take them again
    Drain(drain::DrainOptions),
    /// Release the collateral that the node keeps for its next jobs
    Release(release::ReleaseOptions),
    /// Claim everything that is owed to the node and its stake
    Claim(claim::ClaimOptions),
}

/// Runs the command.
pub async fn run(command: NodeCommand) -> Result<()> {
    match command {
        NodeCommand::Gpus(options) => gpus::list_gpus(&options),
        NodeCommand::Bench(options) => bench::bench_gpus(&options),
        NodeCommand::Setup(options) => setup::set_up_node(options).await,
        NodeCommand::Run(options) => run::run_node(*options).await,
        NodeCommand::Status(options) => status::show_status(options).await,
        NodeCommand::Drain(options) => drain::set_draining(options).await,
        NodeCommand::Release(options) => release::release_collateral(options).await,
        NodeCommand::Claim(options) => claim::claim_all(options).await,
    }
}
