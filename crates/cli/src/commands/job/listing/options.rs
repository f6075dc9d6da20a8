//! Options of the commands that list a job.

use anyhow::Result;
use clap::Args;
use solana_address::Address;

use crate::{
    amount::Nos,
    commands::{
        connection::ConnectionOptions, context::CliContext, payer::PayerOptions,
        values::parse_address,
    },
};

/// Options of every command that lists a job.
#[derive(Debug, Args)]
pub struct ListingOptions {
    /// Address of the market; defaults to the only open market
    #[arg(short, long, value_parser = parse_address)]
    pub market: Option<Address>,
    /// Longest paid time, in seconds
    #[arg(short, long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: u64,
    /// Highest price to pay, in NOS a second; defaults to the market's current price
    #[arg(long)]
    pub max_price: Option<Nos>,
    /// Do not ask before the deposit is paid
    #[arg(short, long)]
    pub yes: bool,
    /// Wait for the result and print it
    #[arg(short, long)]
    pub wait: bool,
    /// Do not accept the result after waiting: keep its challenge window to inspect and perhaps
    /// reject it
    #[arg(long, requires = "wait")]
    pub no_accept: bool,
    #[command(flatten)]
    pub payer: PayerOptions,
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

impl ListingOptions {
    /// Connects to the network; the named payer pays.
    pub async fn connect(&self) -> Result<CliContext> {
        self.payer.add_to(self.connection.connect().await?)
    }
}
