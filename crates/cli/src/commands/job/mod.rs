//! `nosana job`: what a client does.

mod clock;
mod end;
mod inputs;
mod logs;
mod post;
mod run;
mod save;
mod schema;
mod service;
mod show;
pub mod terminal;
mod wait;

use anyhow::Result;
use clap::Subcommand;

use super::connection::{self, Connection};

/// What to do with jobs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List a job from a definition file
    Post(post::FileOptions),
    /// List a job that embeds texts, one vector each
    Embed(post::EmbedOptions),
    /// List a job that answers questions with a language model
    Generate(post::GenerateOptions),
    /// List a job that runs a command in a sandbox, for instance the tests of a project
    Run(Box<run::Options>),
    /// Print what the commands of a job printed, once the hashes are checked
    Logs(logs::Options),
    /// Wait for a job and print its result, once its hash is checked; of a service, tell what it
    /// costs
    Wait(show::OneOptions),
    /// Show a job
    Show(show::OneOptions),
    /// List the jobs of this client
    List(show::AllOptions),
    /// Check a definition file, and say what is wrong with it
    Validate(post::ValidateOptions),
    /// Print the JSON schema of a definition or a result, for editors and other software
    Schema(schema::Options),
    /// Take a job that waits out of the queue, for a full refund
    Cancel(end::Options),
    /// End a job that runs, or that a node has taken: the time that was proven is paid
    Stop(end::Options),
    /// Accept a result before its challenge window is over
    Accept(end::Options),
    /// Take a refund that could not be paid directly
    Collect(end::Options),
    /// Buy more time for a job
    Extend(end::ExtendOptions),
    /// Do what a job's clocks let anyone do now: refund a deposit that waited too long, undo a
    /// match that was not started, end a run that fell silent, settle a result
    Crank(end::Options),
    /// Close settled jobs, once they were kept long enough, and get their rent back
    Clean(clock::CleanOptions),
}

/// Runs the command.
pub async fn run(command: Command) -> Result<()> {
    match command {
        Command::Post(options) => post::file(options).await,
        Command::Embed(options) => post::embed(options).await,
        Command::Generate(options) => post::generate(options).await,
        Command::Run(options) => run::run(*options).await,
        Command::Logs(options) => logs::run(options).await,
        Command::Validate(options) => post::validate(&options),
        Command::Schema(options) => schema::print(&options),
        Command::Wait(options) => show::wait(options).await,
        Command::Show(options) => show::one(options).await,
        Command::List(options) => show::all(options).await,
        Command::Cancel(options) => end::cancel(options).await,
        Command::Stop(options) => end::stop(options).await,
        Command::Accept(options) => end::accept(options).await,
        Command::Collect(options) => end::collect(options).await,
        Command::Extend(options) => end::extend(options).await,
        Command::Crank(options) => clock::crank(options).await,
        Command::Clean(options) => clock::clean(options).await,
    }
}
