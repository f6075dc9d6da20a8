//! Room in the cache and on its disk: interrupted fetches leave first, then the least recently used
//! resources. Those in use stay.

use std::path::Path;

use super::{ResourceCache, entry::Entry, ledger::Ledger};
use crate::free_bytes;

/// The space that stays free on the disk, in bytes.
const MIN_FREE_BYTES: u64 = 256 << 20;
const BYTES_PER_MB: u64 = 1_000_000;

/// What takes room beside one resource.
struct Others {
    entries: Vec<Entry>,
    /// The room that they take or may take.
    used_bytes: u64,
    /// The part of it that they have not taken yet.
    missing_bytes: u64,
    /// The room that the resource itself has taken.
    own_bytes: u64,
}

impl ResourceCache {
    /// Checks that a resource in `folder` could have so much room, and removes nothing for it.
    pub(super) fn check_place(&self, folder: &Path, claimed_bytes: u64) -> Result<(), String> {
        self.check_size(claimed_bytes)?;

        let mut ledger = self.ledger.lock_ledger();
        let others = self.measure_others(folder, &mut ledger);
        let is_removable = |entry: &&Entry| {
            ledger.granted_bytes(&entry.folder) == 0 && self.lock_unused(entry).is_some()
        };
        let removable: Vec<&Entry> = others.entries.iter().filter(is_removable).collect();
        let removable_bytes = sum_bytes(removable.iter().copied());
        let interrupted = removable.iter().copied().filter(|entry| !entry.is_complete);
        let interrupted_bytes = sum_bytes(interrupted);

        let in_use = others.used_bytes.saturating_sub(removable_bytes);
        if in_use.saturating_add(claimed_bytes) > self.max_bytes {
            return Err(self.describe_full(claimed_bytes, in_use));
        }
        let removed =
            others.used_bytes.saturating_add(claimed_bytes).saturating_sub(self.max_bytes);
        let missing_bytes = claimed_bytes.saturating_sub(others.own_bytes);
        check_disk(folder, missing_bytes, removed.max(interrupted_bytes))
    }

    /// Grants so much room to the resource in `folder`, and removes others for it. Returns the
    /// granted room, which is more if the resource has taken more.
    pub(super) fn make_place(&self, folder: &Path, needed_bytes: u64) -> Result<u64, String> {
        self.check_size(needed_bytes)?;

        let mut ledger = self.ledger.lock_ledger();
        let others = self.measure_others(folder, &mut ledger);
        let needed_bytes = needed_bytes.max(others.own_bytes);
        let fits = |used: u64| used.saturating_add(needed_bytes) <= self.max_bytes;
        let missing = needed_bytes.saturating_sub(others.own_bytes);
        let missing = missing.saturating_add(others.missing_bytes);

        let mut used = others.used_bytes;
        for entry in &others.entries {
            // An interrupted fetch also leaves for a disk that is full.
            let is_in_way = !entry.is_complete && check_disk(folder, missing, 0).is_err();
            if fits(used) && !is_in_way {
                break;
            }
            if ledger.granted_bytes(&entry.folder) == 0 && self.remove_unused(entry) {
                let removed = entry.folder.display();
                tracing::info!(folder = %removed, "removed the least recently used resource");
                ledger.forget_folder(&entry.folder);
                used = used.saturating_sub(entry.bytes);
            }
        }
        if !fits(used) {
            return Err(self.describe_full(needed_bytes, used));
        }

        check_disk(folder, missing, 0)?;
        ledger.grant_bytes(folder, needed_bytes);
        Ok(needed_bytes)
    }

    fn measure_others(&self, folder: &Path, ledger: &mut Ledger) -> Others {
        let (own, entries): (Vec<Entry>, Vec<Entry>) =
            self.list_entries(ledger).into_iter().partition(|entry| entry.folder == folder);

        let granted = |entry: &Entry| ledger.granted_bytes(&entry.folder).max(entry.bytes);
        let used_bytes = entries.iter().map(granted).fold(0, u64::saturating_add);
        let taken_bytes = sum_bytes(&entries);
        Others {
            entries,
            used_bytes,
            missing_bytes: used_bytes.saturating_sub(taken_bytes),
            own_bytes: sum_bytes(&own),
        }
    }

    fn check_size(&self, bytes: u64) -> Result<(), String> {
        if bytes <= self.max_bytes {
            return Ok(());
        }
        Err(format!(
            "it has {} MB or more, and resources may have {} MB here; raise --cache",
            bytes / BYTES_PER_MB,
            self.max_bytes / BYTES_PER_MB
        ))
    }

    fn describe_full(&self, needed_bytes: u64, used_bytes: u64) -> String {
        format!(
            "it has {} MB, and {} MB of the {} MB that resources may have are in use; raise \
             --cache, or try again later",
            needed_bytes / BYTES_PER_MB,
            used_bytes / BYTES_PER_MB,
            self.max_bytes / BYTES_PER_MB
        )
    }
}

/// The room that entries take.
fn sum_bytes<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> u64 {
    entries.into_iter().map(|entry| entry.bytes).fold(0, u64::saturating_add)
}

/// Checks that so many bytes have room on a folder's disk. `removed_bytes` leave it before.
fn check_disk(folder: &Path, missing_bytes: u64, removed_bytes: u64) -> Result<(), String> {
    let free = free_bytes(folder).map_err(|error| error.to_string())?;
    if missing_bytes.saturating_add(MIN_FREE_BYTES) <= free.saturating_add(removed_bytes) {
        return Ok(());
    }
    Err(format!(
        "it has {} MB more, and the disk of {} has {} MB free; make room there",
        missing_bytes / BYTES_PER_MB,
        folder.display(),
        free / BYTES_PER_MB
    ))
}
