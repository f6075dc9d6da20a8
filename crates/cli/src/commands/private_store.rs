//! The store for the content of this user's private jobs. The one of `--store` may be shared with
//! nodes, and an IPFS node may publish it.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt};

use anyhow::{Context, Result};
use nosana_store::Store;

use super::state_folder::default_state_folder;

/// The name of its folder.
const FOLDER: &str = "private-jobs";

/// Opens the store; creates it, for this user only, if it is missing.
pub fn open_private_store() -> Result<Store> {
    let folder = default_state_folder()?.join(FOLDER);

    let created = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    created.with_context(|| {
        format!(
            "cannot create the folder {}; name another one with the variable NOSANA_STATE",
            folder.display()
        )
    })?;
    Ok(Store::open(folder)?)
}
