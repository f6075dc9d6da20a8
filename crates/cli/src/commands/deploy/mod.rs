//! `nosana deploy`: keeps replicas of a service running.
//!
//! A deployment is a service and a number of replicas. Each replica is a job. The command lists jobs
//! for replicas that are missing, extends jobs before their time is over, lists others in place of
//! those that nodes lost, and ends everything when the time of the deployment is over. It can be
//! killed and started again: the jobs are found on the chain by their nonces.
//!
//! | module | purpose |
//! | --- | --- |
//! | `options` | the options of a start |
//! | `start`, `deployment` | the first turn, and the loop |
//! | `status`, `stop` | the other commands |
//! | `plan` | what to do next, from what the chain says |
//! | `replica` | the jobs of a deployment on the chain |
//! | `nonce`, `numbers` | the nonces of these jobs, and the numbers in them |
//! | `record` | what the chain does not keep |
//! | `cost` | what it costs |
//! | `spread` | over which nodes the replicas are spread |
//! | `readiness`, `reports` | which ports are ready, by the last reports of the nodes |
//! | `health`, `judgment` | which replicas are replaced because they are not healthy |
//! | `replacements` | how many of these there were, and when others are listed in their place |
//! | `content`, `salt` | the definitions of the replicas |
//! | `offers` | gives the definition of public replicas that wait to nodes |
//! | `feeds` | brings the content of private replicas to the nodes that take them |
//! | `waiting_jobs` | the tasks of both |
//! | `visibility` | whether a deployment is private |
//! | `step` | does the things of a plan |

mod content;
mod cost;
mod deployment;
mod feeds;
mod health;
mod judgment;
mod nonce;
mod numbers;
mod offers;
mod options;
mod patience;
mod plan;
mod readiness;
mod record;
mod replacements;
mod replica;
mod reports;
mod salt;
mod spread;
mod start;
mod status;
mod step;
mod stop;
mod visibility;
mod waiting_jobs;

use anyhow::Result;
use clap::{Args, Subcommand};

use self::{options::StartOptions, status::StatusOptions, stop::StopOptions};

/// `nosana deploy FILE`, or one of its subcommands.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct DeployOptions {
    #[command(subcommand)]
    command: Option<DeployCommand>,
    #[command(flatten)]
    start: StartOptions,
}

/// The other commands of a deployment.
#[derive(Debug, Subcommand)]
enum DeployCommand {
    /// Show the replicas of a deployment, their nodes, their health and what they cost
    Status(StatusOptions),
    /// End all replicas of a deployment
    Stop(StopOptions),
}

/// Runs the command.
pub async fn run(options: DeployOptions) -> Result<()> {
    match options.command {
        Some(DeployCommand::Status(options)) => status::show_deployment(options).await,
        Some(DeployCommand::Stop(options)) => stop::stop_deployment(options).await,
        None => start::keep_deployment(options.start.require_all()?).await,
    }
}
