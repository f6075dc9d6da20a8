//! The resources in the folder, by their keys.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use nosana_job_spec::Digest;

use super::{
    CachedResource, ResourceCache, TEMPORARY_PREFIX, intact::is_intact, ledger::Ledger,
    lock::lock_shared,
};
use crate::{
    FileError,
    disk::{FOLDER_BYTES, disk_bytes},
    plan::Plan,
};

/// The unit of `st_blocks`, in bytes.
const STAT_BLOCK_BYTES: u64 = 512;

/// A folder in the cache.
#[derive(Debug)]
pub(super) struct Entry {
    pub folder: PathBuf,
    /// The room that it takes.
    pub bytes: u64,
    /// The last use, in milliseconds since 1970.
    pub used_ms: u64,
    /// Whether it is complete.
    pub is_complete: bool,
}

impl ResourceCache {
    /// Returns a complete resource for use, and notes the use; `None` if it is not here, or its
    /// files are not those of the plan.
    pub(super) fn open_entry(
        &self,
        key: &str,
        plan: &Plan,
    ) -> Result<Option<CachedResource>, FileError> {
        let folder = self.folder.join(key);
        if !folder.is_dir() {
            return Ok(None);
        }

        let lock = match lock_shared(&folder) {
            Ok(lock) => lock,
            // It has just left for another one.
            Err(_) if !folder.is_dir() => return Ok(None),
            Err(error) => return Err(error),
        };
        if !folder.is_dir() || !is_intact(&folder, plan) {
            return Ok(None);
        }
        // The time is a hint only.
        let _ = lock.set_modified(SystemTime::now());
        Ok(Some(CachedResource { folder, _lock: lock, _temporary: None }))
    }

    /// Lists what takes room, the least recently used first.
    pub(super) fn list_entries(&self, ledger: &mut Ledger) -> Vec<Entry> {
        let found = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut entries: Vec<Entry> =
            found.filter_map(|entry| find_entry(entry.path(), ledger)).collect();

        entries.sort_by_key(|entry| (entry.is_complete, entry.used_ms));
        entries
    }
}

/// Describes a folder, if it is one of the cache.
fn find_entry(folder: PathBuf, ledger: &mut Ledger) -> Option<Entry> {
    let name = folder.file_name()?.to_str()?;
    let is_complete = Digest::from_hex(name).is_some();
    let is_part = name.strip_suffix(".part").and_then(Digest::from_hex).is_some();
    let is_entry = is_complete || is_part || name.starts_with(TEMPORARY_PREFIX);

    let metadata = fs::metadata(&folder).ok().filter(|it| it.is_dir() && is_entry)?;
    let used_ms = metadata.modified().map_or(0, as_unix_ms);
    let bytes = match is_complete {
        true => ledger.measure_once(&folder, || count_bytes(&folder)),
        false => count_bytes(&folder),
    };
    Some(Entry { bytes, folder, used_ms, is_complete })
}

/// The room of a folder and of all that is below it.
fn count_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => count_bytes(&entry.path()),
        Ok(metadata) => {
            disk_bytes(metadata.len().max(metadata.blocks().saturating_mul(STAT_BLOCK_BYTES)))
        }
        Err(_) => 0,
    });
    sizes.fold(FOLDER_BYTES, u64::saturating_add)
}

/// The time in milliseconds since 1970.
pub(super) fn unix_ms() -> u64 {
    as_unix_ms(SystemTime::now())
}

fn as_unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
