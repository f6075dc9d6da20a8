//! Deletes folders, whatever their depth and their permissions.
//!
//! Commands create folders many thousand levels deep, with names longer than a path may be. So
//! nothing here recurses: what is deeper than two levels is moved up first, and four descriptors
//! are enough.

use std::{
    ffi::{CStr, CString},
    io,
    os::fd::{AsFd, AsRawFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{AtFlags, Dir, Mode, OFlags, chmod, fchmod, open, openat, renameat, unlinkat},
    io::Errno,
};

/// The permissions that a folder's owner needs to empty and to move it.
const OWNER_ACCESS: Mode = Mode::RWXU;

/// Deletes a folder and everything in it, without following links. No other process may change it
/// meanwhile.
pub(crate) fn delete_tree(folder: &Path) -> io::Result<()> {
    let top = open(folder, folder_flags(), Mode::empty())?;

    let mut moved = 0;
    while delete_entries(&top, &mut moved)? {}
    Ok(rustix::fs::rmdir(folder)?)
}

/// Returns the flags that open a folder and never follow a symbolic link, even one that replaces
/// the folder at this moment.
pub(crate) fn folder_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

/// Goes once through the top folder: deletes its files and its folders' files, and moves deeper
/// folders up. Returns whether there were any entries.
fn delete_entries(top: &OwnedFd, moved: &mut u64) -> io::Result<bool> {
    let mut has_entries = false;
    let mut has_progress = false;
    let mut problem = None;

    for name in list_names(top)? {
        let name = name?;
        has_entries = true;
        let deleted = delete_entry(top, &name)
            .or_else(|_| empty_folder(top, &name, moved, &mut has_progress));
        match deleted {
            Ok(()) => has_progress = true,
            Err(error) => problem = Some(error),
        }
    }

    // What could not be deleted yet may go once others are deleted: on a full disk nothing can be
    // moved.
    match problem {
        Some(problem) if !has_progress => Err(problem.into()),
        _ => Ok(has_entries),
    }
}

/// Deletes a file or an empty folder.
fn delete_entry(folder: impl AsFd, name: &CStr) -> Result<(), Errno> {
    match unlinkat(&folder, name, AtFlags::empty()) {
        Err(Errno::ISDIR) => unlinkat(&folder, name, AtFlags::REMOVEDIR),
        other => other,
    }
}

/// Empties the folder `name`, by moving its own folders up, and deletes it.
fn empty_folder(
    top: &OwnedFd,
    name: &CStr,
    moved: &mut u64,
    has_progress: &mut bool,
) -> Result<(), Errno> {
    let folder = open_closed(top, name)?;

    let mut problem = None;
    for child in list_names(&folder)? {
        let child = child?;
        let gone = delete_entry(&folder, &child).or_else(|_| {
            // Moving a folder changes the folder itself, too: its entry `..`.
            drop(open_closed(&folder, &child)?);
            *moved += 1;
            let up = CString::new(format!("moved-{moved}")).map_err(|_| Errno::INVAL)?;
            renameat(&folder, &child, top, &up)
        });
        match gone {
            Ok(()) => *has_progress = true,
            Err(error) => problem = Some(error),
        }
    }

    drop(folder);
    problem.map_or_else(|| unlinkat(top, name, AtFlags::REMOVEDIR), Err)
}

/// Opens a folder, and makes it writable for its owner: only root can delete entries without that.
fn open_closed(parent: &OwnedFd, name: &CStr) -> Result<OwnedFd, Errno> {
    if let Ok(folder) = openat(parent, name, folder_flags(), Mode::empty()) {
        // The folder of another user cannot be changed, but perhaps be emptied.
        let _ = fchmod(&folder, OWNER_ACCESS);
        return Ok(folder);
    }

    let handle = openat(parent, name, OFlags::PATH | folder_flags(), Mode::empty())?;
    // The file of an `O_PATH` handle can be changed only by this path.
    chmod(format!("/proc/self/fd/{}", handle.as_raw_fd()), OWNER_ACCESS)?;
    openat(parent, name, folder_flags(), Mode::empty())
}

/// Lists the names in a folder, without `.` and `..`.
fn list_names(
    folder: &OwnedFd,
) -> Result<impl Iterator<Item = Result<CString, Errno>> + use<>, Errno> {
    let names =
        Dir::read_from(folder)?.map(|entry| entry.map(|entry| CString::from(entry.file_name())));

    Ok(names
        .filter(|name| !name.as_ref().is_ok_and(|name| matches!(name.as_bytes(), b"." | b".."))))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{fs, os::unix::fs::symlink, thread};

    use nix::unistd::{Uid, setfsuid};
    use rustix::fs::mkdirat;

    use super::*;

    /// Nests folders, each with a file and a link, and then sets this mode.
    pub(crate) fn nest(folder: &Path, levels: u32, mode: Mode) {
        let mut at = open(folder, folder_flags(), Mode::empty()).unwrap();
        for _ in 0..levels {
            mkdirat(&at, "d", Mode::RWXU).unwrap();
            let next = openat(&at, "d", folder_flags(), Mode::empty()).unwrap();
            rustix::fs::symlinkat("/etc", &next, "link").unwrap();
            openat(&next, "file", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR).unwrap();
            at = next;
        }

        // From the deepest one up: a closed folder cannot be passed.
        for _ in 0..levels {
            let above = openat(&at, "..", folder_flags(), Mode::empty()).unwrap();
            fchmod(&at, mode).unwrap();
            at = above;
        }
    }

    #[test]
    fn deep_folders_are_deleted_and_links_not_followed() {
        let parent = tempfile::tempdir().unwrap();
        let (folder, other) = (parent.path().join("folder"), parent.path().join("other"));
        fs::create_dir(&folder).unwrap();
        fs::create_dir(&other).unwrap();
        fs::write(other.join("kept"), "kept").unwrap();
        nest(&folder, 8_000, Mode::RWXU);
        for level in ["", "d", "d/d", "d/d/d"] {
            symlink(&other, folder.join(level).join("out")).unwrap();
        }

        // A small stack, which recursion would overflow.
        let gone = thread::Builder::new()
            .stack_size(64 << 10)
            .spawn(move || delete_tree(&folder))
            .unwrap()
            .join()
            .unwrap();
        gone.unwrap();
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(other.join("kept")).unwrap(), "kept");
    }

    #[test]
    fn an_owner_deletes_closed_folders_without_root() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("folder");
        let nobody = 65534;
        if crate::config::is_root() {
            std::os::unix::fs::lchown(parent.path(), Some(nobody), Some(nobody)).unwrap();
        }
        thread::spawn(move || {
            // For this thread alone; it changes nothing where the tests do not run as root.
            setfsuid(Uid::from_raw(nobody));
            fs::create_dir(&folder).unwrap();
            nest(&folder, 500, Mode::empty());
            assert!(fs::read_dir(folder.join("d")).is_err());
            delete_tree(&folder).unwrap();
            assert!(!folder.exists());
        })
        .join()
        .unwrap();
    }
}
