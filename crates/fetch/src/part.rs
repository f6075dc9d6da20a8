//! A file that is not complete yet. It survives the process, so that a download resumes.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use nosana_job_spec::Digest;
use sha2::{Digest as _, Sha256};

use crate::{FileError, error::file_error};

/// How much of a file is read between two checks, in bytes.
const STEP_BYTES: u64 = 1 << 20;

/// A file that is not complete yet, with the digest of what it has.
#[derive(Debug)]
pub struct PartFile {
    path: PathBuf,
    file: File,
    hasher: Sha256,
    length: u64,
    can_resume: bool,
}

impl PartFile {
    /// Opens the file, or creates an empty one.
    ///
    /// # Errors
    /// If it cannot be read and written.
    pub fn open(path: PathBuf) -> Result<Self, FileError> {
        Self::open_checked(path, || Ok(()))
    }

    /// Opens the file, or creates an empty one. Reading one that has many bytes takes minutes:
    /// `check` is called again and again meanwhile.
    ///
    /// # Errors
    /// If it cannot be read and written; and as soon as `check` fails.
    pub fn open_checked<E: From<FileError>>(
        path: PathBuf,
        mut check: impl FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut file = File::options()
            .create(true)
            .read(true)
            .append(true)
            .open(&path)
            .map_err(file_error("open", &path))?;

        let mut hasher = Sha256::new();
        let mut length = 0;
        loop {
            let mut step = Read::take(&mut file, STEP_BYTES);
            let count = io::copy(&mut step, &mut hasher).map_err(file_error("read", &path))?;
            if count == 0 {
                break;
            }
            length += count;
            check()?;
        }
        Ok(Self { path, file, hasher, length, can_resume: true })
    }

    /// Its length, in bytes.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Whether it has no bytes.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether the source that was asked last can send the rest alone; true if none was asked.
    pub(crate) const fn can_resume(&self) -> bool {
        self.can_resume
    }

    /// Notes whether the source can send the rest alone.
    pub(crate) fn note_source(&mut self, has_ranges: bool) {
        self.can_resume = has_ranges;
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// If the disk does not take them.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Removes the content.
    ///
    /// # Errors
    /// If it cannot be changed.
    pub fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.hasher = Sha256::new();
        self.length = 0;
        Ok(())
    }

    /// The digest of the content.
    pub fn digest(&self) -> Digest {
        Digest(self.hasher.clone().finalize().into())
    }

    /// Moves the complete file to its place.
    ///
    /// # Errors
    /// If it cannot be written or moved.
    pub fn move_to(self, target: &Path) -> Result<(), FileError> {
        self.file.sync_all().map_err(file_error("write", &self.path))?;
        fs::rename(&self.path, target).map_err(file_error("move a download to", target))
    }

    /// Removes the file.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(self) -> Result<(), FileError> {
        fs::remove_file(&self.path).map_err(file_error("remove", &self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_in_steps_as_long_as_the_check_succeeds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.part");
        let content = vec![7_u8; 2_500_000];
        fs::write(&path, &content).unwrap();
        let failure = || FileError {
            action: "check",
            path: path.clone(),
            source: io::ErrorKind::TimedOut.into(),
        };

        let open_until = |last| {
            let mut checks = 0;
            let part = PartFile::open_checked(path.clone(), || {
                checks += 1;
                if checks < last { Ok(()) } else { Err(failure()) }
            });
            (part.map(|part| (part.length(), part.digest())).ok(), checks)
        };
        assert_eq!(open_until(2), (None, 2));
        assert_eq!(open_until(9), (Some((2_500_000, Digest::of(&content))), 3));
    }
}
