//! Measures the size of folders while commands write to them.

use std::{
    ffi::{CStr, CString},
    os::fd::{AsRawFd, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{
        AtFlags, Dir, FileType, Mode, OFlags, Stat, StatVfs, chmod, fchmod, fstat, open, openat,
        statat, statvfs,
    },
    io::Errno,
};

use crate::{config::is_root, tree::folder_flags};

/// The deepest folder that is measured; a deeper one counts as over the limit. Each level holds one
/// file descriptor, and a node has 1,024 of them on many hosts.
pub(crate) const MAX_DEPTH: usize = 100;
/// The smallest free space of the host's disk while a command runs, in bytes.
pub(crate) const MIN_FREE_BYTES: u64 = 512 << 20;
/// The fewest free inodes of the host's disk while a command runs.
const MIN_FREE_FILES: u64 = 10_000;
/// Bytes in the blocks that `stat` counts.
const STAT_BLOCK_BYTES: u64 = 512;
/// The permissions that a folder's owner needs to list it.
const LISTABLE: Mode = Mode::RUSR.union(Mode::XUSR);
/// What an empty file or a name costs, in bytes: millions of them fill a disk, too.
pub(crate) const ENTRY_BYTES: u64 = 256;

/// Returns whether these folders together hold more than `limit_bytes`, or cannot be measured, or
/// their disk is almost full.
pub(crate) fn is_exceeded(folders: &[&Path], limit_bytes: u64) -> bool {
    if is_scarce(folders) {
        return true;
    }

    let mut left_bytes = limit_bytes;
    folders.iter().any(|folder| {
        let opened = open(*folder, folder_flags(), Mode::empty()).and_then(Dir::new);
        opened.map_or(true, |mut folder| measure_folder(&mut folder, &mut left_bytes, 0).is_err())
    })
}

/// Returns whether the disk of one of these folders is almost full. This takes little time,
/// whatever they hold.
pub(crate) fn is_scarce(folders: &[&Path]) -> bool {
    folders.iter().any(|folder| statvfs(*folder).is_ok_and(|disk| is_almost_full(&disk)))
}

/// Returns the space that is left for users who are not root, in bytes.
pub(crate) fn free_bytes(disk: &StatVfs) -> u64 {
    disk.f_bavail.saturating_mul(disk.f_frsize)
}

fn is_almost_full(disk: &StatVfs) -> bool {
    // File systems that create inodes on demand report 0.
    let has_inode_count = disk.f_files > 0;
    free_bytes(disk) < MIN_FREE_BYTES || has_inode_count && disk.f_favail < MIN_FREE_FILES
}

/// A folder holds more than was left, or hides its content.
struct Exceeded;

impl From<Errno> for Exceeded {
    fn from(_: Errno) -> Self {
        Self
    }
}

fn measure_folder(folder: &mut Dir, left_bytes: &mut u64, depth: usize) -> Result<(), Exceeded> {
    if depth > MAX_DEPTH {
        return Err(Exceeded);
    }

    while let Some(entry) = folder.read() {
        let name = CString::from(entry?.file_name());
        if matches!(name.as_bytes(), b"." | b"..") {
            continue;
        }

        let stat = match statat(folder.fd()?, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => continue,
            Err(_) => return Err(Exceeded),
        };
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        *left_bytes = left_bytes.checked_sub(entry_bytes(&stat, is_folder)).ok_or(Exceeded)?;

        if is_folder {
            match open_child(folder.fd()?, &name, Mode::from_raw_mode(stat.st_mode)) {
                Ok(mut child) => measure_folder(&mut child.folder, left_bytes, depth + 1)?,
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                Err(_) => return Err(Exceeded),
            }
        }
    }
    Ok(())
}

/// Returns what one name of a file or folder takes, in bytes.
#[allow(
    clippy::useless_conversion,
    reason = "the number of links has another type on other processors"
)]
fn entry_bytes(stat: &Stat, is_folder: bool) -> u64 {
    let bytes = u64::try_from(stat.st_blocks).unwrap_or(0) * STAT_BLOCK_BYTES;
    // Hard links share their blocks, and cannot lead out of the folder.
    let names = if is_folder { 1 } else { u64::try_from(stat.st_nlink).unwrap_or(1).max(1) };

    bytes / names + ENTRY_BYTES
}

/// An open folder. If it was closed before, its mode is restored on drop.
struct OpenedFolder {
    folder: Dir,
    closed_mode: Option<Mode>,
}

/// Opens a folder. Root can list one that its owner has closed; other users change its mode for as
/// long as they list it.
fn open_child(parent: BorrowedFd<'_>, name: &CStr, mode: Mode) -> Result<OpenedFolder, Errno> {
    let is_closed = !mode.contains(LISTABLE) && !is_root();
    let handle = if is_closed { Some(make_listable(parent, name, mode)?) } else { None };

    match openat(parent, name, folder_flags(), Mode::empty()).and_then(Dir::new) {
        Ok(folder) => Ok(OpenedFolder { folder, closed_mode: is_closed.then_some(mode) }),
        Err(error) => {
            let _ = handle.map(|handle| chmod(handle_path(&handle), mode));
            Err(error)
        }
    }
}

/// Makes a closed folder listable for its owner. Returns a handle to this folder, even if its name
/// refers to another file by now.
fn make_listable(parent: BorrowedFd<'_>, name: &CStr, mode: Mode) -> Result<OwnedFd, Errno> {
    let handle = openat(parent, name, OFlags::PATH | folder_flags(), Mode::empty())?;
    // If this fails, the folder stays closed, and counts as one that hides its content.
    let _ = chmod(handle_path(&handle), mode | LISTABLE);
    Ok(handle)
}

/// Returns the path by which the file of an `O_PATH` handle can be changed.
fn handle_path(handle: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", handle.as_raw_fd())
}

impl Drop for OpenedFolder {
    fn drop(&mut self) {
        let (Some(mode), Ok(folder)) = (self.closed_mode, self.folder.fd()) else { return };
        // If the command has changed the mode meanwhile, the new one stays.
        if fstat(folder).is_ok_and(|now| Mode::from_raw_mode(now.st_mode) == mode | LISTABLE) {
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
    fn a_disk_without_free_inodes_is_full() {
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

    /// Set in the process that runs this test with few descriptors.
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
        let printed = String::from_utf8_lossy(&again.stdout);
        assert!(again.status.success() && printed.contains("1 passed"), "{printed}");
    }
}
