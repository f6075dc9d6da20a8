//! `nosana store gc`: remove content that was not used for long.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use nosana_protocol::units::SECONDS_PER_DAY;
use nosana_store::Store;

use super::folder::StoreOptions;
use crate::commands::private_store::open_private_store;

/// Which store, and which age.
#[derive(Debug, Args)]
pub struct GcOptions {
    /// Days that content may stay unused; definitions of jobs that still wait and results that were
    /// never read are removed too
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    days: u64,
    /// Remove content of your private jobs instead, also of those that still wait, which then
    /// cannot start
    #[arg(long)]
    private: bool,
    #[command(flatten)]
    store: StoreOptions,
}

/// Removes the content, and prints how much it was.
pub fn collect_garbage(options: &GcOptions) -> Result<()> {
    let store =
        if options.private { open_private_store()? } else { Store::open(options.store.folder()?)? };
    let max_age = Duration::from_secs(options.days.saturating_mul(SECONDS_PER_DAY));

    let collected = store.collect_garbage(max_age)?;
    let folder = store.folder().display();
    println!("{folder}: removed {} files, {} bytes", collected.files, collected.bytes);
    Ok(())
}
