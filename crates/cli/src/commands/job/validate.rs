//! `nosana job validate`: check a definition file.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::definition_file::{check_models, read_definition_file};

/// A file to check.
#[derive(Debug, Args)]
pub struct ValidateOptions {
    /// File with the definition, JSON
    file: PathBuf,
}

/// Fails with every problem of the file, and prints warnings of what it probably does not mean.
pub fn validate_file(options: &ValidateOptions) -> Result<()> {
    let definition = read_definition_file(&options.file)?;
    check_models(&definition)?;

    println!(
        "{} is a valid definition of {} operation(s)",
        options.file.display(),
        definition.ops.len()
    );
    Ok(())
}
