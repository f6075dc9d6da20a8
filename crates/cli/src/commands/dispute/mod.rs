//! `nosana dispute`: disputes about results of verified jobs. Each command is a file.
//!
//! | module | purpose |
//! | --- | --- |
//! | `list`, `show` | read disputes |
//! | `crank` | move one on |
//!
//! Shared parts, which import no command:
//!
//! | module | purpose |
//! | --- | --- |
//! | `options` | one dispute, by its own address or its job's |
//! | [`describe`] | phases, outcomes and seats as words |

mod crank;
pub mod describe;
mod list;
mod options;
mod show;

use anyhow::Result;
use clap::Subcommand;

/// Commands of `nosana dispute`.
#[derive(Debug, Subcommand)]
pub enum DisputeCommand {
    /// List the disputes of a market that are not closed
    List(list::ListDisputesOptions),
    /// Show a dispute: its phase, its panel and its outcome
    Show(options::DisputeOptions),
    /// Send the instruction that moves a dispute on, if its clock has run out
    Crank(options::DisputeOptions),
}

/// Runs the command.
pub async fn run(command: DisputeCommand) -> Result<()> {
    match command {
        DisputeCommand::List(options) => list::list_disputes(options).await,
        DisputeCommand::Show(options) => show::show_dispute(options).await,
        DisputeCommand::Crank(options) => crank::crank_dispute(options).await,
    }
}
