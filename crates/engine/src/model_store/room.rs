//! Room for a model: interrupted downloads leave first, then the least recently used models, those
//! that this software knows last. Those in use stay. Without a bound nothing leaves: a folder may
//! belong to a node with a bound that others do not know.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use nosana_fetch::{DownloadError, DownloadRoom, PartFile, free_bytes};

use super::{ModelStore, cached::CachedModel};

/// The space that stays free on the disk, in bytes.
const MIN_FREE_BYTES: u64 = 256 << 20;
const BYTES_PER_MB: u64 = 1_000_000;

impl DownloadRoom for ModelStore {
    /// Without the size of the file, it may take all that models may have.
    ///
    /// # Errors
    /// If the file is larger than what models may have beside those in use, or than what the disk
    /// has free.
    fn make_room(&self, part: &PartFile, total_bytes: Option<u64>) -> Result<(), DownloadError> {
        let total = total_bytes.unwrap_or(part.length());
        if let Some(max_bytes) = self.max_bytes {
            check_size(total, max_bytes)?;
            self.remove_least_used(part.path(), total, max_bytes)?;
        }

        self.check_disk(total.saturating_sub(part.length()))
    }

    fn check_length(&self, part: &PartFile) -> Result<(), DownloadError> {
        if let Some(max_bytes) = self.max_bytes {
            check_size(part.length(), max_bytes)?;
        }

        // The source may not have reported the size.
        self.check_disk(0)
    }
}

fn check_size(bytes: u64, max_bytes: u64) -> Result<(), DownloadError> {
    if bytes <= max_bytes {
        return Ok(());
    }
    Err(DownloadError::NoRoom(format!(
        "it has {} MB or more, and models may have {} MB here; raise --models-max",
        bytes / BYTES_PER_MB,
        max_bytes / BYTES_PER_MB
    )))
}

impl ModelStore {
    /// Checks that the disk has room for so many further bytes.
    fn check_disk(&self, missing: u64) -> Result<(), DownloadError> {
        let free =
            free_bytes(&self.folder).map_err(|error| DownloadError::NoRoom(error.to_string()))?;

        if missing.saturating_add(MIN_FREE_BYTES) <= free {
            return Ok(());
        }
        Err(DownloadError::NoRoom(format!(
            "it needs {} MB beside {} MB that stay free, and the disk of {} has {} MB free; make \
             room there",
            missing / BYTES_PER_MB,
            MIN_FREE_BYTES / BYTES_PER_MB,
            self.folder.display(),
            free / BYTES_PER_MB
        )))
    }

    /// Removes models until `total` further bytes fit into `max_bytes`. The file at `part` does not
    /// count.
    fn remove_least_used(
        &self,
        part: &Path,
        total: u64,
        max_bytes: u64,
    ) -> Result<(), DownloadError> {
        let cached = self.list_cached();
        let parts = list_other_parts(&self.folder, part);
        let mut used: u64 = cached.iter().map(|model| model.bytes).sum();
        used += parts.iter().map(|(_, bytes)| bytes).sum::<u64>();
        let fits = |used: u64| used.saturating_add(total) <= max_bytes;

        for (path, bytes) in parts {
            if fits(used) {
                break;
            }
            if remove_abandoned(&path) {
                tracing::info!(path = %path.display(), "removed an interrupted download");
                used = used.saturating_sub(bytes);
            }
        }
        for model in leaving_order(cached) {
            if fits(used) {
                break;
            }
            if self.remove_unused(&model) {
                tracing::info!(
                    path = %model.path.display(),
                    "removed the least recently used model to make room"
                );
                used = used.saturating_sub(model.bytes);
            }
        }

        if fits(used) {
            return Ok(());
        }
        Err(DownloadError::NoRoom(format!(
            "it has {} MB, and {} MB of the {} MB that models may have here are in use; raise \
             --models-max, or try again later",
            total / BYTES_PER_MB,
            used / BYTES_PER_MB,
            max_bytes / BYTES_PER_MB
        )))
    }

    /// Removes a model that no process uses. Returns whether it was removed.
    fn remove_unused(&self, model: &CachedModel) -> bool {
        let Ok(_unused) = Self::lock_unused(&model.path) else { return false };
        self.remove_complete(model.digest.0).is_ok()
    }
}

/// Other downloads, in progress or interrupted, with their bytes.
fn list_other_parts(folder: &Path, part: &Path) -> Vec<(PathBuf, u64)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_other =
        |path: &Path| path != part && path.extension().is_some_and(|extension| extension == "part");

    entries
        .filter(|entry| is_other(&entry.path()))
        .filter_map(|entry| Some((entry.path(), entry.metadata().ok()?.len())))
        .collect()
}

/// Removes a download that no process continues at the moment. Returns whether it was removed.
fn remove_abandoned(part: &Path) -> bool {
    let Ok(lock) = File::create(part.with_extension("lock")) else { return false };
    lock.try_lock().is_ok() && fs::remove_file(part).is_ok()
}

/// The order in which models leave.
fn leaving_order(mut models: Vec<CachedModel>) -> Vec<CachedModel> {
    models.sort_by_key(|model| (model.name.is_some(), model.used_ms));
    models
}
