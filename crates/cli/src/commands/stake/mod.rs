//! `nosana stake`: stakes, and delegations to nodes. Each command is a file.
//!
//! Shared parts, which import no command:
//!
//! | module | purpose |
//! | --- | --- |
//! | `options` | options of several commands |
//! | `account` | reading an owner's stake |
//! | `cooldown` | the dates and amounts of a cooldown |
//! | `payout` | sending an instruction and printing what came |
//! | `overview` | printing a stake, its rewards and the owner's delegations |

mod account;
mod add;
mod claim_delegated;
mod close;
mod close_delegation;
mod commission;
mod compound;
mod cooldown;
mod delegate;
mod extend;
mod offer;
mod options;
mod overview;
mod payout;
mod restake;
mod show;
mod undelegate;
mod unstake;
mod withdraw;
mod withdraw_delegated;

use anyhow::Result;
use clap::Subcommand;

use self::options::{DelegationOptions, StakeOptions};

/// Commands of `nosana stake`.
#[derive(Debug, Subcommand)]
pub enum StakeCommand {
    /// Show a stake, what is delegated to it, and what its owner delegated
    Show(show::ShowStakeOptions),
    /// Open a stake, or add to it
    Add(add::AddOptions),
    /// Extend the cooldown, which increases the weight
    Extend(extend::ExtendStakeOptions),
    /// Start the cooldown; weight and rewards end now
    Unstake(unstake::UnstakeOptions),
    /// Cancel the cooldown
    Restake(StakeOptions),
    /// Withdraw what the cooldown has released; releases the node's idle collateral first
    Withdraw(StakeOptions),
    /// Add the rewards of the stake's position to the stake
    Compound(StakeOptions),
    /// Close an empty stake, and return its rent
    Close(StakeOptions),
    /// Accept delegations to this stake, or stop accepting them
    Offer(offer::OfferOptions),
    /// Delegate to a node
    Delegate(delegate::DelegateOptions),
    /// Start the cooldown of a delegation
    Undelegate(undelegate::UndelegateOptions),
    /// Withdraw what the cooldown of a delegation has released
    WithdrawDelegated(DelegationOptions),
    /// Claim what a delegation has earned
    ClaimDelegated(DelegationOptions),
    /// Close an empty delegation, and return its rent
    CloseDelegation(DelegationOptions),
    /// Claim the commission that delegations earned for this stake
    Commission(StakeOptions),
}

/// Runs the command.
pub async fn run(command: StakeCommand) -> Result<()> {
    match command {
        StakeCommand::Show(options) => show::show_stake(options).await,
        StakeCommand::Add(options) => add::add_stake(options).await,
        StakeCommand::Extend(options) => extend::extend_cooldown(options).await,
        StakeCommand::Unstake(options) => unstake::start_cooldown(options).await,
        StakeCommand::Restake(options) => restake::cancel_cooldown(options).await,
        StakeCommand::Withdraw(options) => withdraw::withdraw_stake(options).await,
        StakeCommand::Compound(options) => compound::compound_rewards(options).await,
        StakeCommand::Close(options) => close::close_stake(options).await,
        StakeCommand::Offer(options) => offer::set_offer(options).await,
        StakeCommand::Delegate(options) => delegate::delegate_to_node(options).await,
        StakeCommand::Undelegate(options) => undelegate::start_undelegation(options).await,
        StakeCommand::WithdrawDelegated(options) => {
            withdraw_delegated::withdraw_delegated(options).await
        }
        StakeCommand::ClaimDelegated(options) => claim_delegated::claim_delegated(options).await,
        StakeCommand::CloseDelegation(options) => close_delegation::close_delegation(options).await,
        StakeCommand::Commission(options) => commission::claim_commission(options).await,
    }
}
