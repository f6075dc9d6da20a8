//! Options of several commands for stakes and delegations.

use clap::Args;
use solana_address::Address;

use crate::commands::{connection::ConnectionOptions, values::parse_address};

/// The key's stake.
#[derive(Debug, Args)]
pub struct StakeOptions {
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// The key's delegation to one node.
#[derive(Debug, Args)]
pub struct DelegationOptions {
    /// Wallet that owns the node
    #[arg(value_parser = parse_address)]
    pub owner: Address,
    #[command(flatten)]
    pub connection: ConnectionOptions,
}
