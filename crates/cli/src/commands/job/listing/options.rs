//! Options of the commands that list a job.

use anyhow::Result;
use clap::Args;
use nosana_net::exchange::REPLICAS;
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
    /// List the job as private: its definition and its inputs go only to the node that takes it, from
    /// this command, which stays until a node has started the job; its result and its log come only
    /// to you and the payer. --store and --ipfs are not used for it
    #[arg(long, conflicts_with = "replicas")]
    pub private: bool,
    /// How many nodes keep the definition and the inputs until a node has run the job, so that this
    /// machine may go; 0 gives them to none
    #[arg(long, value_name = "N", default_value_t = REPLICAS, value_parser = parse_replicas)]
    pub replicas: usize,
    #[command(flatten)]
    pub payer: PayerOptions,
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

impl ListingOptions {
    /// Connects to the network; the named payer pays. The context's store is that of private jobs if
    /// the job is one.
    pub async fn connect(&self) -> Result<CliContext> {
        let ctx = self.payer.add_to(self.connection.connect().await?)?;
        if self.private { ctx.use_private_store() } else { Ok(ctx) }
    }
}

fn parse_replicas(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| *count <= 16);
    count.ok_or_else(|| "give a number from 0 to 16".to_owned())
}
