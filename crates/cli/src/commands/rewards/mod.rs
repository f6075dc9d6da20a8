//! `nosana rewards`: the reward pool, and positions in it. Each command is a file.
//!
//! Shared parts, which import no command:
//!
//! | module | purpose |
//! | --- | --- |
//! | `options` | options of several commands |
//! | `overview` | printing the pool and the key's position and streams |
//! | [`position`] | whether the key's stake has a position |
//! | `payout` | sending an instruction and printing what it paid |

mod claim;
mod close_stream;
mod drip;
mod enter;
mod exit;
mod fund;
mod open_stream;
mod options;
mod overview;
mod payout;
pub mod position;
mod show;
mod sync;

use anyhow::Result;
use clap::Subcommand;

use self::options::{PositionOptions, StreamOptions};

/// Commands of `nosana rewards`.
#[derive(Debug, Subcommand)]
pub enum RewardsCommand {
    /// Show the pool, and the earnings of your position
    Show(PositionOptions),
    /// Open a position with the weight of your stake, which earns from then on
    Enter(PositionOptions),
    /// Claim what the position has earned
    Claim(PositionOptions),
    /// Claim what the position has earned, and close it
    Exit(PositionOptions),
    /// Settle a position, of anyone, and update it to its stake's current weight
    Sync(sync::SyncOptions),
    /// Give income to all stakers, paid over the next epoch
    Fund(fund::FundOptions),
    /// Open a stream that becomes income linearly over days
    OpenStream(open_stream::OpenStreamOptions),
    /// Turn the due part of one of your streams into income
    Drip(StreamOptions),
    /// Close one of your streams that ended, or cancel it
    CloseStream(StreamOptions),
}

/// Runs the command.
pub async fn run(command: RewardsCommand) -> Result<()> {
    match command {
        RewardsCommand::Show(options) => show::show_pool(options).await,
        RewardsCommand::Enter(options) => enter::enter_pool(options).await,
        RewardsCommand::Claim(options) => claim::claim_rewards(options).await,
        RewardsCommand::Exit(options) => exit::exit_pool(options).await,
        RewardsCommand::Sync(options) => sync::sync_positions(options).await,
        RewardsCommand::Fund(options) => fund::fund_pool(options).await,
        RewardsCommand::OpenStream(options) => open_stream::open_stream(options).await,
        RewardsCommand::Drip(options) => drip::drip_stream(options).await,
        RewardsCommand::CloseStream(options) => close_stream::close_stream(options).await,
    }
}
