//! `nosana stake show`: an owner's stake and delegations.

use anyhow::Result;
use clap::Args;
use solana_address::Address;

use super::overview::print_stake;
use crate::commands::{connection::ConnectionOptions, values::parse_address};

/// The owner.
#[derive(Debug, Args)]
pub struct ShowStakeOptions {
    /// Wallet of the owner; defaults to the key's
    #[arg(value_parser = parse_address)]
    owner: Option<Address>,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Shows an owner's stake.
pub async fn show_stake(options: ShowStakeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let owner = options.owner.unwrap_or_else(|| ctx.address());

    print_stake(&ctx, owner, options.connection.is_json()).await
}
