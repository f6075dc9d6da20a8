//! `nosana wallet`: a key, its SOL and its NOS. Each command is a file.

mod airdrop;
mod balance;
mod new;
mod send;

use anyhow::Result;
use clap::Subcommand;

/// Commands of `nosana wallet`.
#[derive(Debug, Subcommand)]
pub enum WalletCommand {
    /// Create a key in a new file, and print its address
    New(new::NewOptions),
    /// Show how much SOL and NOS a wallet has
    Balance(balance::BalanceOptions),
    /// Send SOL and NOS to another wallet
    Send(send::SendFundsOptions),
    /// Get SOL from the faucet of a test network
    Airdrop(airdrop::AirdropOptions),
}

/// Runs the command.
pub async fn run(command: WalletCommand) -> Result<()> {
    match command {
        WalletCommand::New(options) => new::create_wallet(&options),
        WalletCommand::Balance(options) => balance::show_balance(options).await,
        WalletCommand::Send(options) => send::send_funds(options).await,
        WalletCommand::Airdrop(options) => airdrop::request_sol(options).await,
    }
}
