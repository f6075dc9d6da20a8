//! The result of a search for artifacts.

use std::{fs::File, path::PathBuf};

use rustix::fs::{Mode, OFlags};

use crate::{SandboxError, error::io};

/// The files that a search found, and what it left out.
#[derive(Debug, Default)]
pub struct CollectedFiles {
    /// Regular files, sorted by path within each folder.
    pub files: Vec<FoundFile>,
    /// Matches that are not regular files and patterns without a match, each with the reason.
    pub left_out: Vec<LeftOut>,
}

/// A regular file.
#[derive(Debug)]
pub struct FoundFile {
    /// Path relative to the work folder.
    pub path: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Path on the host.
    pub host: PathBuf,
}

/// A path or pattern for which no regular file was collected.
#[derive(Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The path or the pattern.
    pub path: String,
    /// Why it was left out.
    pub reason: String,
}

impl FoundFile {
    /// Opens the file for reading.
    ///
    /// # Errors
    /// If it cannot be read, or if a symbolic link has replaced it since the search.
    pub fn open(&self) -> Result<File, SandboxError> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = rustix::fs::open(&self.host, flags, Mode::empty());

        file.map(File::from).map_err(|error| io("open", &self.host)(error.into()))
    }
}
