//! A model's file that is in use.

use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::MetadataExt,
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

        // Else it left for another model while this one waited for the lock.
        if !is_at(&file, &path) {
            return Err(io_error("open", &path)(io::ErrorKind::NotFound.into()));
        }
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
    /// Locks a model's file for its removal, so that no process begins to use it meanwhile. Returns
    /// `None` if the file does not exist.
    ///
    /// # Errors
    /// If a process uses it, or that cannot be found out: a file that is in use must not leave
    /// because this process has too many others open.
    pub(super) fn lock_unused(path: &Path) -> Result<Option<File>, EngineError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("open", path)(error)),
        };

        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Err(EngineError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(io_error("lock", path)(error)),
        }
    }
}

/// Whether a file is still at its path.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(opened), Ok(present)) = (file.metadata(), fs::metadata(path)) else { return false };
    opened.dev() == present.dev() && opened.ino() == present.ino()
}
