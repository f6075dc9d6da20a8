//! What is known about the room of resources, shared by all that fetch into one cache.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The room of resources, by their folders. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedLedger(Arc<Mutex<Ledger>>);

/// The room of resources, by their folders.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// The room that those that are fetched may take. They may not have taken it yet.
    granted: BTreeMap<PathBuf, u64>,
    /// The room that complete ones take. It does not change.
    measured: BTreeMap<PathBuf, u64>,
}

impl SharedLedger {
    /// Locks the ledger. Who gives room holds it until the room is granted.
    pub fn lock_ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    /// The room that a resource may take; 0 if it is not fetched now.
    pub fn granted_bytes(&self, folder: &Path) -> u64 {
        self.granted.get(folder).copied().unwrap_or_default()
    }

    /// Grants room to a resource that is fetched.
    pub fn grant_bytes(&mut self, folder: &Path, bytes: u64) {
        self.granted.insert(folder.to_owned(), bytes);
    }

    /// Notes that a resource is fetched no more.
    pub fn end_grant(&mut self, folder: &Path) {
        self.granted.remove(folder);
    }

    /// Returns the room of a complete resource, which `measure` finds out the first time.
    pub fn measure_once(&mut self, folder: &Path, measure: impl FnOnce() -> u64) -> u64 {
        if let Some(bytes) = self.measured.get(folder) {
            return *bytes;
        }
        let bytes = measure();
        self.measured.insert(folder.to_owned(), bytes);
        bytes
    }

    /// Forgets the room of a resource that is removed.
    pub fn forget_folder(&mut self, folder: &Path) {
        self.measured.remove(folder);
    }
}
