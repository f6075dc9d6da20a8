//! The models in the folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use nosana_job_spec::{Digest, ModelDigest};

use super::ModelStore;
use crate::{EngineError, error::io_error, models::find_model};

/// A model in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedModel {
    /// The digest of its file.
    pub digest: ModelDigest,
    /// Its name, if this software knows it.
    pub name: Option<&'static str>,
    /// The file.
    pub path: PathBuf,
    /// The size of the file.
    pub bytes: u64,
    /// The last use, in milliseconds since 1970.
    pub used_ms: u64,
}

impl ModelStore {
    /// The models in the folder, the most recently used one first.
    pub fn list_cached(&self) -> Vec<CachedModel> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut models: Vec<_> =
            entries.filter_map(|entry| self.find_cached(entry.path())).collect();

        models.sort_by_key(|model| std::cmp::Reverse(model.used_ms));
        models
    }

    fn find_cached(&self, path: PathBuf) -> Option<CachedModel> {
        let digest = Digest::from_hex(path.file_stem()?.to_str()?)?;
        if path != self.file_path(digest) {
            return None;
        }

        let bytes = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?.len();
        let used_ms = self.last_use_ms(digest, &path);
        let digest = ModelDigest(digest);
        let name = find_model(&digest).ok().map(|model| model.name);
        Some(CachedModel { digest, name, path, bytes, used_ms })
    }

    /// Removes a model, and what was downloaded of it. Returns whether there was anything.
    ///
    /// # Errors
    /// If a process uses it, or the files cannot be removed.
    pub fn remove_model(&self, digest: &ModelDigest) -> Result<bool, EngineError> {
        let path = self.file_path(digest.0);
        if !self.folder.is_dir() {
            return Ok(false);
        }

        // The file of the lock stays: another process may wait for it.
        let _lock = self.lock_model(digest.0)?;
        let _unused = Self::lock_unused(&path)?;
        let had_part = remove_if_present(&path.with_extension("part"))?;
        Ok(self.remove_complete(digest.0)? || had_part)
    }

    /// Removes the file of a model and the note about it. Returns whether there was a file. What is
    /// downloaded of it stays: it may be what replaces a damaged file.
    pub(super) fn remove_complete(&self, digest: Digest) -> Result<bool, EngineError> {
        let path = self.file_path(digest);
        remove_if_present(&path.with_extension("json"))?;
        remove_if_present(&path)
    }
}

fn remove_if_present(path: &Path) -> Result<bool, EngineError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io_error("remove", path)(error)),
    }
}
