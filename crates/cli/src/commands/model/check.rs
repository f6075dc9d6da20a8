//! `nosana model check`: load a file in this process, which nodes start for files of strangers.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use nosana_engine::{EngineError, load_on_trial};

/// The file.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// GGUF file
    file: PathBuf,
}

/// Loads the file on the CPU, and computes one token or one vector.
pub fn check_file(options: &CheckOptions) -> Result<()> {
    match load_on_trial(&options.file) {
        Ok(()) => Ok(()),
        // The node that started this process names the file.
        Err(EngineError::Weights { problem, .. }) => bail!(problem),
        Err(error) => bail!("{error}"),
    }
}
