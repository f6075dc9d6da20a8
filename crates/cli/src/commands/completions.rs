//! `nosana completions`: scripts for shells.

use anyhow::Result;
use clap::{Args, Command};
use clap_complete::Shell;

use crate::console::print_bytes;

/// The shell that reads the script.
#[derive(Debug, Args)]
pub struct CompletionsOptions {
    /// Shell that reads the script
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script that completes `nosana` on the command line.
pub fn print_completions(options: &CompletionsOptions, mut command: Command) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "nosana", &mut script);

    print_bytes(&script);
    Ok(())
}
