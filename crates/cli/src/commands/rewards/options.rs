//! Options of several commands for the reward pool.

use clap::Args;

use crate::commands::connection::ConnectionOptions;

/// The position of the key's stake.
#[derive(Debug, Args)]
pub struct PositionOptions {
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// One of the key's streams.
#[derive(Debug, Args)]
pub struct StreamOptions {
    /// Number of the stream
    #[arg(long, default_value_t = 1)]
    pub id: u64,
    #[command(flatten)]
    pub connection: ConnectionOptions,
}
