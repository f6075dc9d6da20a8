//! Options of several commands for markets.

use clap::Args;
use solana_address::Address;

use crate::commands::{connection::ConnectionOptions, values::parse_address};

/// One market.
#[derive(Debug, Args)]
pub struct MarketOptions {
    /// Address of the market; defaults to the only open market
    #[arg(value_parser = parse_address)]
    pub market: Option<Address>,
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// One market, for a command that asks first.
#[derive(Debug, Args)]
pub struct ConfirmedMarketOptions {
    /// Address of the market
    #[arg(value_parser = parse_address)]
    pub market: Address,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    pub connection: ConnectionOptions,
}
