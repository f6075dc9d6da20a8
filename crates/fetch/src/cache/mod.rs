//! The folder in which resources are kept: at most so many bytes of them, shared by all jobs.
//!
//! Each resource is a folder, named by a digest of what it is and of its version. It gets its name
//! once all its files are there, so nothing incomplete can be mistaken for it.
//!
//! | module | purpose |
//! | --- | --- |
//! | `ensure` | returns a resource, and fetches it if it is not here |
//! | `fill` | downloads the files of a resource |
//! | `entry`, `intact` | the resources in the folder; whether one has the files that it must have |
//! | `lock` | which are in use, fetched or removed |
//! | `room` | the room of a resource that is fetched |
//! | `place`, `ledger` | room in the cache; what is known about it |
//! | `remove` | removing resources for others |

mod ensure;
mod entry;
mod fill;
mod intact;
mod ledger;
mod lock;
mod place;
mod remove;
mod room;
#[cfg(test)]
mod tests;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use self::ledger::SharedLedger;
use crate::{Downloader, FileError, error::file_error};

/// The most bytes of resources in a folder, unless the owner sets another bound: 100 GB.
pub const DEFAULT_CACHE_BYTES: u64 = 100_000_000_000;
/// The beginning of folders that are removed with the last job that uses them.
const TEMPORARY_PREFIX: &str = ".once-";

/// A folder of resources.
#[derive(Clone, Debug)]
pub struct ResourceCache {
    folder: PathBuf,
    max_bytes: u64,
    downloader: Downloader,
    ledger: SharedLedger,
}

/// A resource on this machine: as long as this is held, no process removes it to make room.
#[derive(Debug)]
pub struct CachedResource {
    folder: PathBuf,
    /// Holds a shared lock.
    _lock: File,
    /// Removes the folder of a resource that is not kept.
    _temporary: Option<TempDir>,
}

impl ResourceCache {
    /// A cache in this folder, which is created when a resource is fetched.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            max_bytes: DEFAULT_CACHE_BYTES,
            downloader: Downloader::default(),
            ledger: SharedLedger::default(),
        }
    }

    /// The cache of this user, `$XDG_CACHE_HOME/nosana/resources` or `~/.cache/nosana/resources`;
    /// `None` if neither folder is known.
    pub fn in_user_cache() -> Option<Self> {
        Some(Self::at(user_cache_folder()?.join("resources")))
    }

    /// Keeps at most so many bytes: the least recently used resource leaves for another one.
    #[must_use]
    pub fn with_max_bytes(self, max_bytes: u64) -> Self {
        Self { max_bytes, ..self }
    }

    /// Allows sources on this machine and in its own networks; see
    /// [`Downloader::with_private_sources`].
    #[must_use]
    pub fn with_private_sources(self) -> Self {
        Self { downloader: self.downloader.with_private_sources(), ..self }
    }

    /// The folder, or the nearest one above it that exists: on the disk that resources fill.
    pub fn disk_folder(&self) -> Option<&Path> {
        self.folder.ancestors().find(|folder| folder.is_dir())
    }
}

impl CachedResource {
    /// The folder with its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The folder of this software in the user's cache: `$XDG_CACHE_HOME/nosana` or `~/.cache/nosana`;
/// `None` if neither is known.
pub fn user_cache_folder() -> Option<PathBuf> {
    let is_absolute = |path: &PathBuf| path.is_absolute();
    let xdg = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(is_absolute);
    let home = || std::env::home_dir().filter(is_absolute).map(|path| path.join(".cache"));

    Some(xdg.or_else(home)?.join("nosana"))
}

/// Creates a folder that other users can read: the programs of containers may be some.
fn create_folder(folder: &Path) -> Result<(), FileError> {
    fs::create_dir_all(folder).map_err(file_error("create", folder))?;
    make_readable(folder)
}

fn make_readable(folder: &Path) -> Result<(), FileError> {
    use std::os::unix::fs::PermissionsExt;

    let readable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder, readable).map_err(file_error("change", folder))
}
