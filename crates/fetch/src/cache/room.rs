//! The room of a resource that is fetched. It grows step by step, as bytes arrive: what a source
//! claims removes nothing.

use std::{cell::Cell, path::Path};

use super::ResourceCache;
use crate::{
    DownloadError, DownloadRoom, PartFile, disk::disk_bytes, fetch_time::FetchTime, plan::Plan,
};

/// The part of the cache that is granted at a time.
const STEPS: u64 = 64;

/// The room for the files of one resource.
pub(super) struct FolderRoom<'a> {
    cache: &'a ResourceCache,
    /// The folder that gets the files.
    folder: &'a Path,
    time: &'a FetchTime<'a>,
    /// The room that the whole resource takes; `None` if that is not known.
    planned_bytes: Option<u64>,
    /// The room for which there is a grant.
    granted_bytes: Cell<u64>,
    /// The room of the folders and of the files that are complete.
    done_bytes: Cell<u64>,
    /// The bytes that this fetch has received in the files that are complete.
    received_bytes: Cell<u64>,
    /// The bytes of the current file that an earlier fetch has left.
    resumed_bytes: Cell<u64>,
}

impl<'a> FolderRoom<'a> {
    pub fn new(
        cache: &'a ResourceCache,
        folder: &'a Path,
        plan: &Plan,
        time: &'a FetchTime<'a>,
    ) -> Self {
        Self {
            cache,
            folder,
            time,
            planned_bytes: plan.has_sizes().then(|| plan.known_bytes()),
            granted_bytes: Cell::new(0),
            done_bytes: Cell::new(plan.folder_bytes()),
            received_bytes: Cell::new(0),
            resumed_bytes: Cell::new(0),
        }
    }

    /// Checks that a resource that takes so much room could have it.
    pub fn check_claim(&self, claimed_bytes: u64) -> Result<(), String> {
        self.cache.check_place(self.folder, claimed_bytes)
    }

    /// Checks that the resource is still wanted, before a file begins.
    pub fn check_time(&self) -> Result<(), DownloadError> {
        self.time.check_download(self.received_bytes.get()).map_err(DownloadError::Ended)
    }

    /// Begins a file of which so many bytes are here: they give the fetch no time.
    pub fn begin_file(&self, resumed_bytes: u64) {
        self.resumed_bytes.set(resumed_bytes);
    }

    /// Counts a file that is complete.
    pub fn finish_file(&self, bytes: u64) -> Result<(), DownloadError> {
        let received = bytes.saturating_sub(self.resumed_bytes.take());
        self.done_bytes.set(self.done_bytes.get().saturating_add(disk_bytes(bytes)));
        self.received_bytes.set(self.received_bytes.get().saturating_add(received));
        self.grow_to(self.done_bytes.get(), 0)
    }

    /// Checks that there is room and time for the resource of this size so far, of which
    /// `part_bytes` are in a file that is not complete.
    fn grow_to(&self, needed_bytes: u64, part_bytes: u64) -> Result<(), DownloadError> {
        let received_bytes = self.total_received(part_bytes);
        self.time.check_download(received_bytes).map_err(DownloadError::Ended)?;
        if needed_bytes <= self.granted_bytes.get() {
            return Ok(());
        }

        let step = self.cache.max_bytes / STEPS;
        let most = self.planned_bytes.unwrap_or(u64::MAX).min(self.cache.max_bytes);
        let wanted = needed_bytes.saturating_add(step).min(most.max(needed_bytes));
        let granted = self
            .cache
            .make_place(self.folder, wanted)
            .or_else(|_| self.cache.make_place(self.folder, needed_bytes))
            .map_err(DownloadError::NoRoom)?;
        self.granted_bytes.set(granted);
        Ok(())
    }

    /// The bytes that this fetch has received, with those of a file that is not complete.
    pub fn total_received(&self, part_bytes: u64) -> u64 {
        let of_part = part_bytes.saturating_sub(self.resumed_bytes.get());
        self.received_bytes.get().saturating_add(of_part)
    }

    fn with_part(&self, length: u64) -> u64 {
        self.done_bytes.get().saturating_add(disk_bytes(length))
    }
}

impl DownloadRoom for FolderRoom<'_> {
    fn make_room(&self, part: &PartFile, total_bytes: Option<u64>) -> Result<(), DownloadError> {
        // A source that cannot send the rest alone starts again.
        self.resumed_bytes.set(self.resumed_bytes.get().min(part.length()));
        self.grow_to(self.with_part(part.length()), part.length())?;

        // Files of which there is a plan were checked together.
        let claimed = self.with_part(total_bytes.unwrap_or_default());
        if claimed <= self.granted_bytes.get().max(self.planned_bytes.unwrap_or_default()) {
            return Ok(());
        }
        self.check_claim(claimed).map_err(DownloadError::NoRoom)
    }

    fn check_length(&self, part: &PartFile) -> Result<(), DownloadError> {
        self.grow_to(self.with_part(part.length()), part.length())
    }
}

impl Drop for FolderRoom<'_> {
    fn drop(&mut self) {
        self.cache.ledger.lock_ledger().end_grant(self.folder);
    }
}
