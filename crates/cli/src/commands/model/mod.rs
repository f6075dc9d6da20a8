//! `nosana model`: the models on this machine. Each command is a file.

mod check;
mod info;
mod list;
mod pull;
mod remove;

use anyhow::Result;
use clap::Subcommand;

/// Commands of `nosana model`.
#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// List the models that this software knows, and those on this machine
    List(list::ListOptions),
    /// Get a model, and print its digest
    Pull(pull::PullOptions),
    /// Remove a model from this machine
    Remove(remove::RemoveOptions),
    /// Show what a model is, and how much memory it needs
    Info(info::InfoOptions),
    /// Load a file on the CPU and run it once; a file that lies may end the process
    #[command(hide = true)]
    Check(check::CheckOptions),
}

/// Runs the command.
pub fn run(command: ModelCommand) -> Result<()> {
    match command {
        ModelCommand::List(options) => list::list_models(&options),
        ModelCommand::Pull(options) => pull::pull_named(&options),
        ModelCommand::Remove(options) => remove::remove_named(&options),
        ModelCommand::Info(options) => info::show_model(&options),
        ModelCommand::Check(options) => check::check_file(&options),
    }
}
