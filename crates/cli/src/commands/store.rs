//! `nosana store`: what is kept on this machine.

use std::{path::PathBuf, time::Duration};

use anyhow::Result;
use clap::{Args, Subcommand};
use nosana_store::Store;

use super::solana::moniker;
use crate::files::Folders;

/// Seconds in a day.
const DAY: u64 = 86_400;

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Remove what nobody has written or read for long
    Gc(GcOptions),
}

/// Which store, and how long.
#[derive(Debug, Args)]
pub struct GcOptions {
    /// Days that content may stay unused: definitions of jobs that still wait, and results that
    /// nobody has read yet, go as well
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    days: u64,
    /// Folder of the content store; by default that of the local network
    #[arg(long, env = "NOSANA_STORE")]
    store: Option<PathBuf>,
}

/// Runs the command.
pub fn run(Command::Gc(options): Command) -> Result<()> {
    let folder = Folders::choose(&moniker("localhost"), options.store)?.store;
    let collected = Store::open(&folder)?
        .collect_garbage(Duration::from_secs(options.days.saturating_mul(DAY)))?;
    println!("{}: removed {} files, {} bytes", folder.display(), collected.files, collected.bytes);
    Ok(())
}
