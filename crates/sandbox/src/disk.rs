//! How much a folder holds, measured while others write in it.

use std::{
    ffi::{CStr, CString},
    os::fd::{AsRawFd, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{
        AtFlags, Dir, FileType, Mode, OFlags, StatVfs, chmod, fchmod, fstat, open, openat, statat,
        statvfs,
    },
    io::Errno,
};

use crate::{config::is_root, tree::folder_flags};

/// Deeper folders than this are not measured, but refused. Each level holds one file descriptor,
/// and a node has 1,024 of them on many hosts.
pub(crate) const MAX_DEPTH: usize = 100;
/// The smallest free space of the host's disk while a command runs, in bytes.
pub(crate) const MIN_FREE_BYTES: u64 = 512 << 20;
/// The fewest further files that the host's disk takes while a command runs.
const MIN_FREE_FILES: u64 = 10_000;
/// Bytes in the blocks that `stat` counts.
const STAT_BLOCK_BYTES: u64 = 512;
/// What its owner needs to look into a folder.
const LOOK: Mode = Mode::RUSR.union(Mode::XUSR);
/// What an empty file or a name costs, in bytes: millions of them fill a disk, too.
pub(crate) const ENTRY_BYTES: u64 = 256;

/// Whether these folders together hold more than `limit_bytes`, or cannot be measured, or their
/// disk is almost full.
pub(crate) fn is_exceeded(folders: &[&Path], limit_bytes: u64) -> bool {
    if is_scarce(folders) {
        return true;
    }
    let mut left = limit_bytes;
    folders.iter().any(|folder| {
        let opened = open(*folder, folder_flags(), Mode::empty()).and_then(Dir::new);
        opened.map_or(true, |mut folder| measure(&mut folder, &mut left, 0).is_err())
    })
}

/// Whether the disk of one of these folders is almost full: quickly told, whatever is in them.
pub(crate) fn is_scarce(folders: &[&Path]) -> bool {
    folders.iter().any(|folder| statvfs(*folder).is_ok_and(|disk| is_almost_full(&disk)))
}

/// The space that is left for users who are not root, in bytes.
pub(crate) fn free_bytes(disk: &StatVfs) -> u64 {
    disk.f_bavail.saturating_mul(disk.f_frsize)
}

fn is_almost_full(disk: &StatVfs) -> bool {
    // File systems that make room for files as they come tell of no number.
    let has_number = disk.f_files > 0;
    free_bytes(disk) < MIN_FREE_BYTES || has_number && disk.f_favail < MIN_FREE_FILES
}

/// More than was left, or a folder that hides what is in it.
struct Exceeded;

impl From<Errno> for Exceeded {
    fn from(_: Errno) -> Self {
        Self
    }
}

#[allow(
    clippy::useless_conversion,
    reason = "the number of links has another type on other processors"
)]
fn measure(folder: &mut Dir, left: &mut u64, depth: usize) -> Result<(), Exceeded> {
    if depth > MAX_DEPTH {
        return Err(Exceeded);
    }
    while let Some(entry) = folder.read() {
        let name = CString::from(entry?.file_name());
        if matches!(name.as_bytes(), b"." | b"..") {
            continue;
        }
        let found = match statat(folder.fd()?, &name, AtFlags::SYMLINK_NOFOLLOW) {
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
            match enter(folder.fd()?, &name, Mode::from_raw_mode(found.st_mode)) {
                Ok(mut child) => measure(&mut child.0, left, depth + 1)?,
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                Err(_) => return Err(Exceeded),
            }
        }
    }
    Ok(())
}

/// A folder that is listed. If it was closed, it has this mode again when it is dropped.
struct Entered(Dir, Option<Mode>);

/// Opens a folder. Only root looks into one that its owner has closed; others open it for this
/// moment.
fn enter(parent: BorrowedFd<'_>, name: &CStr, mode: Mode) -> Result<Entered, Errno> {
    let closed = !mode.contains(LOOK) && !is_root();
    let handle = if closed { Some(open_up(parent, name, mode)?) } else { None };
    match openat(parent, name, folder_flags(), Mode::empty()).and_then(Dir::new) {
        Ok(folder) => Ok(Entered(folder, closed.then_some(mode))),
        Err(error) => {
            let _ = handle.map(|handle| chmod(by_path(&handle), mode));
            Err(error)
        }
    }
}

/// Opens a closed folder for its owner. Returns the folder itself, whatever has its name by now.
fn open_up(parent: BorrowedFd<'_>, name: &CStr, mode: Mode) -> Result<OwnedFd, Errno> {
    let handle = openat(parent, name, OFlags::PATH | folder_flags(), Mode::empty())?;
    // If it fails, the folder stays closed, and counts as one that hides what is in it.
    let _ = chmod(by_path(&handle), mode | LOOK);
    Ok(handle)
}

/// Handles that only name a file can be used to change it by this path.
fn by_path(handle: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", handle.as_raw_fd())
}

impl Drop for Entered {
    fn drop(&mut self) {
        let (Some(mode), Ok(folder)) = (self.1, self.0.fd()) else { return };
        // The command may have changed it meanwhile, and then knows best.
        if fstat(folder).is_ok_and(|now| Mode::from_raw_mode(now.st_mode) == mode | LOOK) {
            let _ = fchmod(folder, mode);
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

    #[test]
    fn a_disk_without_room_for_files_is_full() {
        let disk = |free: u64, files: u64, left: u64| StatVfs {
            f_files: files,
            f_favail: left,
            ..on_disk(free)
        };
        assert!(!is_almost_full(&disk(MIN_FREE_BYTES, 1_000_000, MIN_FREE_FILES)));
        assert!(is_almost_full(&disk(MIN_FREE_BYTES - 1, 1_000_000, MIN_FREE_FILES)));
        assert!(is_almost_full(&disk(MIN_FREE_BYTES, 1_000_000, MIN_FREE_FILES - 1)));
        assert!(!is_almost_full(&disk(MIN_FREE_BYTES, 0, 0)));
    }

    fn on_disk(free: u64) -> StatVfs {
        StatVfs { f_bavail: free, f_frsize: 1, ..statvfs("/").unwrap() }
    }

    #[test]
    fn closed_folders_are_measured_and_left_closed() {
        let folder = tempfile::tempdir().unwrap();
        let closed = folder.path().join("closed");
        fs::create_dir(&closed).unwrap();
        fs::write(closed.join("file"), vec![1; 300_000]).unwrap();
        for mode in [Mode::empty(), Mode::RUSR, Mode::WUSR] {
            chmod(&closed, mode).unwrap();
            assert!(
                is_exceeded(&[folder.path()], 290_000) && !is_exceeded(&[folder.path()], 400_000)
            );
            assert_eq!(Mode::from_raw_mode(rustix::fs::stat(&closed).unwrap().st_mode), mode);
        }
    }

    /// Tells this test that it has few descriptors.
    const DEEP: &str = "NOSANA_SANDBOX_TEST_DEEP";

    #[test]
    fn deep_folders_take_few_descriptors() {
        if let Some(folder) = std::env::var_os(DEEP) {
            let folder = Path::new(&folder);
            assert!(!is_exceeded(&[folder], 10 << 20));
            fs::create_dir_all(folder.join("d/".repeat(MAX_DEPTH + 1))).unwrap();
            assert!(is_exceeded(&[folder], 10 << 20));
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("d/".repeat(MAX_DEPTH))).unwrap();
        let again = std::process::Command::new("/usr/bin/prlimit")
            .arg("--nofile=128:128")
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "disk::tests::deep_folders_take_few_descriptors"])
            .env(DEEP, folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&again.stdout);
        assert!(again.status.success() && said.contains("1 passed"), "{said}");
    }
}
