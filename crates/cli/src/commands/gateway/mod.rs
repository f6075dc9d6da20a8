//! `nosana gateway`: public URLs for ports of jobs. Each command is a file.

mod run;
mod url;

use anyhow::Result;
use clap::Subcommand;

/// Commands of `nosana gateway`.
#[derive(Debug, Subcommand)]
pub enum GatewayCommand {
    /// Serve public URLs for ports that definitions make public, until Ctrl-C or SIGTERM
    Run(Box<run::RunGatewayOptions>),
    /// Print the public URL of a port of a job
    Url(url::UrlOptions),
}

/// Runs the command.
pub async fn run(command: GatewayCommand) -> Result<()> {
    match command {
        GatewayCommand::Run(options) => run::run_gateway(*options).await,
        GatewayCommand::Url(options) => {
            url::print_url(&options);
            Ok(())
        }
    }
}
