//! Options of the commands for one job.

use clap::Args;
use solana_address::Address;

use crate::commands::{connection::ConnectionOptions, values::parse_address};

/// One job.
#[derive(Debug, Args)]
pub struct JobOptions {
    /// Address of the job
    #[arg(value_parser = parse_address)]
    pub job: Address,
    #[command(flatten)]
    pub connection: ConnectionOptions,
}
