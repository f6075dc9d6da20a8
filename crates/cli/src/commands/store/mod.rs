//! `nosana store`: content by its hash, on this machine.
//!
//! | module | purpose |
//! | --- | --- |
//! | `folder` | which store a command uses |
//! | `gc` | remove what was not used for long |
//! | `get`, `put` | read and store files |
//! | `ls` | what a definition or a result names |

mod folder;
mod gc;
mod get;
mod ls;
mod put;

use anyhow::Result;
use clap::Subcommand;

/// Commands of `nosana store`.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Remove content that was not written or read for long
    Gc(gc::GcOptions),
    /// Write a file of the store to a file, or print it
    Get(get::GetOptions),
    /// List the content that a definition or a result names
    Ls(ls::LsOptions),
    /// Store a file, and print its identifier
    Put(put::PutOptions),
}

/// Runs the command.
pub fn run(command: StoreCommand) -> Result<()> {
    match command {
        StoreCommand::Gc(options) => gc::collect_garbage(&options),
        StoreCommand::Get(options) => get::get_file(&options),
        StoreCommand::Ls(options) => ls::list_content(&options),
        StoreCommand::Put(options) => put::put_file(&options),
    }
}
