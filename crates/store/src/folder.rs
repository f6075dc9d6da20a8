//! Durable folders.

use std::fs::{self, File};
use std::path::Path;

use crate::{StoreError, error::io_error};

/// Creates a folder and its parents, and makes their entries durable.
pub(crate) fn create_folder(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Ok(());
    }

    fs::create_dir_all(path).map_err(io_error("create", path))?;
    path.ancestors().skip(1).take(3).filter(|folder| folder.is_dir()).try_for_each(sync_folder)
}

/// Flushes a folder's entries, so that a rename survives a power failure. Only Unix can open a
/// folder as a file.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(io_error("flush", path))?;
    }
    Ok(())
}
