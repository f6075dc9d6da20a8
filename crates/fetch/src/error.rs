//! Errors of downloads.

use std::{
    io,
    path::{Path, PathBuf},
};

/// A file or a folder on this machine cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot {action} {path}: {source}; check that it exists and is accessible, and that the disk \
     has space"
)]
pub struct FileError {
    /// The failed action, as a verb.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// Why it failed.
    pub source: io::Error,
}

/// A resource that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Its source does not deliver it.
    #[error("the resource {source_name} cannot be fetched: {problem}")]
    Source {
        /// The resource.
        source_name: String,
        /// The URL, and what it answers.
        problem: String,
    },
    /// It has no place in the cache.
    #[error("the resource {source_name} has no room here: {problem}")]
    NoRoom {
        /// The resource.
        source_name: String,
        /// What is missing, and what the owner can do.
        problem: String,
    },
    /// A later job may find it here.
    #[error("the resource {0} is still being fetched; a job that needs it can run here later")]
    Fetching(String),
    /// The cache cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Adds the action and the path to an error of the file system.
pub(crate) fn file_error<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> FileError + use<'a> {
    move |source| FileError { action, path: path.to_owned(), source }
}
