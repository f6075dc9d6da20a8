//! `nosana store`: the content on this machine.

use std::{path::PathBuf, time::Duration};

use anyhow::Result;
use clap::{Args, Subcommand};
use nosana_protocol::units::SECONDS_PER_DAY;
use nosana_store::Store;

use super::solana_config::resolve_moniker;
use crate::localnet_files::LocalnetFolders;

/// Commands of `nosana store`.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Remove content that was not written or read for long
    Gc(GcOptions),
}

/// Which store, and which age.
#[derive(Debug, Args)]
pub struct GcOptions {
    /// Days that content may stay unused; definitions of jobs that still wait and results that were
    /// never read are removed too
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    days: u64,
    /// Folder of the content store; defaults to the local network's
    #[arg(long, env = "NOSANA_STORE")]
    store: Option<PathBuf>,
}

/// Runs the command.
pub fn run(StoreCommand::Gc(options): StoreCommand) -> Result<()> {
    let folder = LocalnetFolders::choose(&resolve_moniker("localhost"), options.store)?.store;
    let max_age = Duration::from_secs(options.days.saturating_mul(SECONDS_PER_DAY));

    let collected = Store::open(&folder)?.collect_garbage(max_age)?;
    println!("{}: removed {} files, {} bytes", folder.display(), collected.files, collected.bytes);
    Ok(())
}
