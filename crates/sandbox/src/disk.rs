//! How much a folder holds, measured while others write in it.

use std::{
    ffi::{CStr, CString},
    os::fd::{AsRawFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, chmod, fstat, open, openat, statat, statvfs},
    io::Errno,
};

use crate::{config::is_root, tree::folder_flags};

/// Deeper folders than this are not measured, but refused. Each level holds a file descriptor.
const MAX_DEPTH: usize = 200;
/// The smallest free space of the host's disk while a command runs, in bytes.
const MIN_FREE_BYTES: u64 = 512 << 20;
/// Bytes in the blocks that `stat` counts.
const STAT_BLOCK_BYTES: u64 = 512;
/// What its owner needs to look into a folder.
const LOOK: Mode = Mode::RUSR.union(Mode::XUSR);
/// What an empty file or a name costs, in bytes: millions of them fill a disk, too.
const ENTRY_BYTES: u64 = 256;

/// Whether these folders together hold more than `limit_bytes`, or cannot be measured, or their disk is almost full.
pub(crate) fn is_exceeded(folders: &[&Path], limit_bytes: u64) -> bool {
    let almost_full = |folder: &&Path| {
        statvfs(*folder).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < MIN_FREE_BYTES)
    };
    if folders.iter().any(almost_full) {
        return true;
    }
    let mut left = limit_bytes;
    folders.iter().any(|folder| match open(*folder, folder_flags(), Mode::empty()) {
        Ok(folder) => measure(folder, &mut left, 0).is_err(),
        Err(_) => true,
    })
}

/// More than was left, or a folder that hides what is in it.
struct Exceeded;

#[allow(clippy::useless_conversion, reason = "the number of links has another type on other processors")]
fn measure(folder: OwnedFd, left: &mut u64, depth: usize) -> Result<(), Exceeded> {
    if depth > MAX_DEPTH {
        return Err(Exceeded);
    }
    for entry in Dir::read_from(&folder).map_err(|_| Exceeded)? {
        let Ok(entry) = entry else { return Err(Exceeded) };
        let name = CString::from(entry.file_name());
        if matches!(name.as_bytes(), b"." | b"..") {
            continue;
        }
        let found = match statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => found,
            Err(Errno::NOENT) => continue,
            Err(_) => return Err(Exceeded),
        };
        let is_folder = FileType::from_raw_mode(found.st_mode) == FileType::Directory;
        let blocks = u64::try_from(found.st_blocks).unwrap_or(0) * STAT_BLOCK_BYTES;
        // Hard links share their blocks, and cannot lead out of the folder.
        let names = if is_folder { 1 } else { u64::try_from(found.st_nlink).unwrap_or(1).max(1) };
        *left = left.checked_sub(blocks / names + ENTRY_BYTES).ok_or(Exceeded)?;
        if is_folder {
            // Only root looks into a folder that its owner has closed; others open it for this moment.
            let mode = Mode::from_raw_mode(found.st_mode);
            let _opened = (!mode.contains(LOOK) && !is_root()).then(|| Opened::new(&folder, &name, mode));
            match openat(&folder, &name, folder_flags(), Mode::empty()) {
                Ok(child) => measure(child, left, depth + 1)?,
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                Err(_) => return Err(Exceeded),
            }
        }
    }
    Ok(())
}

/// A closed folder, opened until this is dropped.
struct Opened {
    /// The folder itself, whatever has its name by now.
    handle: Option<OwnedFd>,
    mode: Mode,
}

impl Opened {
    fn new(parent: &OwnedFd, name: &CStr, mode: Mode) -> Self {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = openat(parent, name, flags, Mode::empty()).ok();
        let opened = Self { handle, mode };
        opened.set(mode | LOOK);
        opened
    }

    /// Handles like this one can be changed only by their path.
    fn set(&self, mode: Mode) {
        if let Some(handle) = &self.handle {
            // If it fails, the folder stays closed, and counts as one that hides what is in it.
            let _ = chmod(format!("/proc/self/fd/{}", handle.as_raw_fd()), mode);
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let now = self.handle.as_ref().and_then(|handle| fstat(handle).ok());
        // The command may have changed it meanwhile, and then knows best.
        if now.is_some_and(|now| Mode::from_raw_mode(now.st_mode) == self.mode | LOOK) {
            self.set(self.mode);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn everything_is_counted_once_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("file"), vec![1; 300_000]).unwrap();
        fs::hard_link(inner.join("file"), folder.path().join("again")).unwrap();
        std::os::unix::fs::symlink("/usr", folder.path().join("usr")).unwrap();
        assert!(is_exceeded(&[folder.path()], 290_000));
        assert!(!is_exceeded(&[folder.path()], 400_000));
        assert!(is_exceeded(&[folder.path(), folder.path()], 400_000));
        assert!(is_exceeded(&[&folder.path().join("none")], 400_000));
    }
}
