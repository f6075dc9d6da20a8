//! `nosana store put`: store a file.

use std::{
    fs::File,
    io::{Read, stdin},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::folder::StoreOptions;
use crate::commands::private_store::open_private_store;

/// A file to store.
#[derive(Debug, Args)]
pub struct PutOptions {
    /// The file; `-` reads standard input
    file: PathBuf,
    /// Store it for private jobs alone: the folder is for this user only, and no other option of
    /// the store is used
    #[arg(long)]
    private: bool,
    #[command(flatten)]
    store: StoreOptions,
}

/// Stores the file, and prints its identifier.
pub fn put_file(options: &PutOptions) -> Result<()> {
    let store =
        if options.private { open_private_store()? } else { options.store.open_or_create()? };
    let reader = open_source(&options.file)?;

    let (id, _) = store.put_reader(reader, &options.file)?;
    println!("{id}");
    Ok(())
}

fn open_source(path: &Path) -> Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(stdin()));
    }

    let cannot_read = || format!("cannot read {}", path.display());
    let file = File::open(path).with_context(cannot_read)?;
    ensure!(
        file.metadata().with_context(cannot_read)?.is_file(),
        "{} is not a file; pack a folder first, for instance with tar",
        path.display()
    );
    Ok(Box::new(file))
}
