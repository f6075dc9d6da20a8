//! `nosana store get`: read a file of the store.

use std::{
    fs,
    io::{Write, stdout},
    path::PathBuf,
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use nosana_job_spec::ContentId;

use super::folder::StoreOptions;
use crate::commands::size::ByteSize;

/// A file of the store.
#[derive(Debug, Args)]
pub struct GetOptions {
    /// Its identifier, a CIDv0
    id: ContentId,
    /// File to write it to; printed unless this is given
    #[arg(short, long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Largest file to read
    #[arg(long, value_name = "SIZE", default_value = "512MiB")]
    max: ByteSize,
    #[command(flatten)]
    store: StoreOptions,
}

/// Reads the file, checks every hash, and writes or prints it.
pub fn get_file(options: &GetOptions) -> Result<()> {
    let bytes = options.store.open()?.get(&options.id, options.max.0)?;

    match &options.to {
        Some(path) => {
            ensure!(
                !path.exists(),
                "{} exists already; name another file or remove it",
                path.display()
            );
            fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
        }
        None => Ok(stdout().write_all(&bytes)?),
    }
}
