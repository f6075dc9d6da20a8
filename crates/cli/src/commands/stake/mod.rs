//! `nosana stake`: stakes, and what is delegated to nodes.

mod delegation;
mod own;
mod show;

use anyhow::Result;
use clap::Subcommand;

/// What to do with a stake.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show a stake, what is delegated to it, and what its owner delegated
    Show(show::Options),
    /// Open a stake, or add to the one there is
    Add(own::AddOptions),
    /// Make the cooldown longer, and so the weight larger
    Extend(own::ExtendOptions),
    /// Start the cooldown: weight and rewards end now
    Unstake(own::EndOptions),
    /// Break the cooldown off
    Restake(own::Options),
    /// Take what the cooldown has released
    Withdraw(own::Options),
    /// Add what the position in the reward pool has earned
    Compound(own::Options),
    /// Close an empty stake; its rent comes back
    Close(own::Options),
    /// Accept delegations to this stake, or no more
    Offer(delegation::OfferOptions),
    /// Delegate to a node
    Delegate(delegation::DelegateOptions),
    /// Start the cooldown of a delegation
    Undelegate(delegation::EndOptions),
    /// Take what the cooldown of a delegation has released
    WithdrawDelegated(delegation::Options),
    /// Take what a delegation has earned
    ClaimDelegated(delegation::Options),
    /// Close an empty delegation; its rent comes back
    CloseDelegation(delegation::Options),
    /// Take the commission that this stake's delegations earned for it
    Commission(own::Options),
}

/// Runs the command.
pub async fn run(command: Command) -> Result<()> {
    match command {
        Command::Show(options) => show::run(options).await,
        Command::Add(options) => own::add(options).await,
        Command::Extend(options) => own::extend(options).await,
        Command::Unstake(options) => own::unstake(options).await,
        Command::Restake(options) => own::restake(options).await,
        Command::Withdraw(options) => own::withdraw(options).await,
        Command::Compound(options) => own::compound(options).await,
        Command::Close(options) => own::close(options).await,
        Command::Commission(options) => own::commission(options).await,
        Command::Offer(options) => delegation::offer(options).await,
        Command::Delegate(options) => delegation::delegate(options).await,
        Command::Undelegate(options) => delegation::undelegate(options).await,
        Command::WithdrawDelegated(options) => delegation::withdraw(options).await,
        Command::ClaimDelegated(options) => delegation::claim(options).await,
        Command::CloseDelegation(options) => delegation::close(options).await,
    }
}
