//! Removes resources. A resource loses its name before its files are removed, so that what is left
//! of it is not mistaken for it if this process is killed.

use std::{
    fs::{self, File},
    path::Path,
    time::Duration,
};

use tempfile::TempDir;

use super::{
    ResourceCache, TEMPORARY_PREFIX,
    entry::{Entry, unix_ms},
    lock::EntryLock,
};
use crate::{FileError, error::file_error};

/// The time that a process has to lock a temporary folder that it has created.
const LOCK_TIME: Duration = Duration::from_secs(60);

/// The most fetches that were interrupted and whose files are kept. Their rooms are counted anew for
/// each fetch.
pub(super) const MAX_KEPT_PARTS: usize = 16;

/// An entry that no process uses or fetches, as long as this is held.
pub(super) struct UnusedEntry {
    _fetch_lock: Option<EntryLock>,
    _use_lock: File,
}

impl ResourceCache {
    /// Locks an entry; `None` if a process uses or fetches it.
    pub(super) fn lock_unused(&self, entry: &Entry) -> Option<UnusedEntry> {
        let name = entry.folder.file_name()?.to_str()?;
        let is_temporary = name.starts_with(TEMPORARY_PREFIX);

        let age_ms = unix_ms().saturating_sub(entry.used_ms);
        if is_temporary && u128::from(age_ms) < LOCK_TIME.as_millis() {
            return None;
        }
        let fetch_lock = match is_temporary {
            true => None,
            false => Some(self.try_lock_entry(name.strip_suffix(".part").unwrap_or(name))?),
        };
        let use_lock = File::open(&entry.folder).ok()?;
        use_lock.try_lock().ok()?;
        Some(UnusedEntry { _fetch_lock: fetch_lock, _use_lock: use_lock })
    }

    /// Removes an entry that no process uses or fetches. Returns whether it was removed.
    pub(super) fn remove_unused(&self, entry: &Entry) -> bool {
        let Some(_locked) = self.lock_unused(entry) else { return false };
        self.take_name(&entry.folder).is_ok_and(|left| left.close().is_ok())
    }

    /// Removes the oldest interrupted fetches if too many are kept. `latest` is the folder of the
    /// one that has just been interrupted: the caller has still locked it, and it stays.
    pub(super) fn remove_old_parts(&self, latest: &Path) {
        let mut ledger = self.ledger.lock_ledger();
        let mut others = self.list_entries(&mut ledger);
        others.retain(|entry| {
            is_part(&entry.folder)
                && entry.folder != latest
                && ledger.granted_bytes(&entry.folder) == 0
                && self.lock_unused(entry).is_some()
        });

        let excess = (others.len() + 1).saturating_sub(MAX_KEPT_PARTS);
        for part in others.iter().take(excess) {
            self.remove_unused(part);
        }
    }

    /// Takes a resource away whose files are not those that it must have. Those that use it keep
    /// what they have. The caller fetches the resource, and has locked it for that.
    pub(super) fn remove_damaged(&self, folder: &Path) -> Result<(), FileError> {
        if !folder.is_dir() {
            return Ok(());
        }
        tracing::warn!(folder = %folder.display(), "replacing a damaged resource");

        let left = self.take_name(folder)?;
        self.ledger.lock_ledger().forget_folder(folder);
        let is_used = File::open(left.path()).is_ok_and(|lock| lock.try_lock().is_err());
        if is_used {
            // It leaves when others need its room.
            let _ = left.keep();
        }
        Ok(())
    }

    /// Gives a folder the name of a temporary one.
    fn take_name(&self, folder: &Path) -> Result<TempDir, FileError> {
        let left = tempfile::Builder::new()
            .prefix(TEMPORARY_PREFIX)
            .tempdir_in(&self.folder)
            .map_err(file_error("write to", &self.folder))?;
        fs::rename(folder, left.path()).map_err(file_error("move", folder))?;
        Ok(left)
    }
}

/// Whether a folder has the files of a fetch that can be continued. Those of resources without a
/// version cannot: they are in use, or leave with their job.
fn is_part(folder: &Path) -> bool {
    folder.extension().is_some_and(|extension| extension == "part")
}
