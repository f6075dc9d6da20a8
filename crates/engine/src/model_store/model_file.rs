//! A model's file that is in use.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use nosana_job_spec::{Digest, ModelDigest};

use super::ModelStore;
use crate::{EngineError, error::io_error};

/// A model's file that is in use: as long as this is held, no process removes it to make room.
#[derive(Debug)]
pub struct ModelFile {
    path: PathBuf,
    digest: Digest,
    /// Holds a shared lock.
    _file: File,
}

impl ModelFile {
    /// Opens a file for use.
    pub(super) fn open(path: PathBuf, digest: Digest) -> Result<Self, EngineError> {
        let file = File::open(&path).map_err(io_error("open", &path))?;
        file.lock_shared().map_err(io_error("lock", &path))?;
        Ok(Self { path, digest, _file: file })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The digest of the file.
    pub const fn digest(&self) -> ModelDigest {
        ModelDigest(self.digest)
    }
}

impl ModelStore {
    /// Whether a process uses the file.
    pub(super) fn is_in_use(path: &Path) -> bool {
        let Ok(file) = File::open(path) else { return false };
        matches!(file.try_lock(), Err(TryLockError::WouldBlock))
    }
}
