//! Locks of resources. The one that fetches or removes a resource locks a file beside its folder;
//! those that use it lock the folder itself.

use std::{
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::ResourceCache;
use crate::{FileError, error::file_error};

/// The lock of a resource that is fetched or removed. The file is removed on drop, so that none
/// stays for a resource that is not here.
#[derive(Debug)]
pub(super) struct EntryLock {
    path: PathBuf,
    /// Holds the lock.
    _file: File,
}

impl ResourceCache {
    /// Locks a resource for this process: others that want to fetch it wait.
    pub(super) fn lock_entry(&self, key: &str) -> Result<EntryLock, FileError> {
        let path = self.lock_path(key);
        loop {
            let file = File::create(&path).map_err(file_error("create", &path))?;
            file.lock().map_err(file_error("lock", &path))?;
            if is_at(&file, &path) {
                return Ok(EntryLock { path, _file: file });
            }
        }
    }

    /// Locks a resource, unless another process has locked it.
    pub(super) fn try_lock_entry(&self, key: &str) -> Option<EntryLock> {
        let path = self.lock_path(key);
        let file = File::create(&path).ok()?;
        file.try_lock().ok()?;
        is_at(&file, &path).then(|| EntryLock { path, _file: file })
    }

    fn lock_path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.lock"))
    }
}

impl Drop for EntryLock {
    fn drop(&mut self) {
        // A file that stays takes little room, and the next one to lock the resource uses it.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether a file is still at its path: the one that had locked it has removed it.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(opened), Ok(present)) = (file.metadata(), fs::metadata(path)) else { return false };
    opened.dev() == present.dev() && opened.ino() == present.ino()
}

/// Opens a folder and locks it against removal.
pub(super) fn lock_shared(folder: &Path) -> Result<File, FileError> {
    let lock = File::open(folder).map_err(file_error("open", folder))?;
    lock.lock_shared().map_err(file_error("lock", folder))?;
    Ok(lock)
}
