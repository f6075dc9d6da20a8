//! `nosana market`.

mod change;
mod show;
mod terms;

use anyhow::Result;
use clap::Subcommand;

/// What to do with markets.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the markets of the network
    List(show::AllOptions),
    /// Show one: its terms, and who waits
    Show(show::OneOptions),
    /// Print terms as JSON, to change and to give to `open` and `propose`
    Template,
    /// Open a market with the terms in a file
    Open(change::OpenOptions),
    /// Announce new terms; they can be applied once the market's notice is over
    Propose(change::TermsOptions),
    /// Put announced terms in force
    Apply(change::OneOptions),
    /// Send the fees of a market to those who stake
    Sweep(change::OneOptions),
    /// Take nothing new, for good
    Retire(change::EndOptions),
    /// Close an empty, retired market: deposit and rents come back
    Close(change::EndOptions),
}

/// Runs the command.
pub async fn run(command: Command) -> Result<()> {
    match command {
        Command::List(options) => show::all(options).await,
        Command::Show(options) => show::one(options).await,
        Command::Template => {
            println!("{}", terms::template()?);
            Ok(())
        }
        Command::Open(options) => change::open(options).await,
        Command::Propose(options) => change::propose(options).await,
        Command::Apply(options) => change::apply(options).await,
        Command::Sweep(options) => change::sweep(options).await,
        Command::Retire(options) => change::retire(options).await,
        Command::Close(options) => change::close(options).await,
    }
}
