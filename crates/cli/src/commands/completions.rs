//! `nosana completions`.

use std::io;

use clap::{Args, Command};
use clap_complete::Shell;

/// For which shell.
#[derive(Debug, Args)]
pub struct Options {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script that completes `nosana` on the command line.
pub fn run(options: &Options, mut command: Command) {
    clap_complete::generate(options.shell, &mut command, "nosana", &mut io::stdout());
}
