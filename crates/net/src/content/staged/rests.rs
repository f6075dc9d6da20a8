//! Removes files that nobody continues.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::io;

use nosana_store::Store;

use super::{FOLDER, PREFIX};

/// Removes what nobody continues, the oldest first, until the rest has at most `max_bytes`.
///
/// # Errors
/// If the folder cannot be read, or a file cannot be removed.
pub(in crate::content) fn remove_rests(store: &Store, max_bytes: u64) -> io::Result<()> {
    let mut rests = Vec::new();
    for entry in fs::read_dir(store.folder().join(FOLDER))? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        // A transfer uses what is locked, and has reserved room for it.
        let Ok(file) = File::open(entry.path()) else { continue };
        if file.try_lock().is_ok() {
            let metadata = file.metadata()?;
            rests.push((metadata.modified()?, metadata.len(), entry.path(), file));
        }
    }
    rests.sort_unstable_by_key(|(modified, ..)| Reverse(*modified));

    let mut bytes = 0_u64;
    for (_, length, path, _locked) in rests {
        bytes = bytes.saturating_add(length);
        if bytes > max_bytes {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
