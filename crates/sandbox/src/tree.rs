//! Deleting folders, however deep they are and whoever closed them.
//!
//! Commands make folders many thousand levels deep, with names longer than a path may be. So
//! nothing here goes down by itself: what is deeper than two levels is moved up first, and four
//! descriptors are enough.

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

/// What its owner needs to empty a folder, and to move it.
const OWN: Mode = Mode::RWXU;

/// Deletes a folder and all that is in it, and follows no link. Nothing else may change it
/// meanwhile.
pub(crate) fn delete(folder: &Path) -> io::Result<()> {
    let top = open(folder, folder_flags(), Mode::empty())?;
    let mut moved = 0;
    while pass(&top, &mut moved)? {}
    Ok(rustix::fs::rmdir(folder)?)
}

/// Never follows a symbolic link, even one that replaces a folder at this moment.
pub(crate) fn folder_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

/// Goes once through the topmost folder: its files are deleted; of its folders the files, and what
/// is deeper moves up. Whether anything was there.
fn pass(top: &OwnedFd, moved: &mut u64) -> io::Result<bool> {
    let (mut found, mut done, mut problem) = (false, false, None);
    for name in names(top)? {
        let name = name?;
        found = true;
        match remove(top, &name).or_else(|_| raise(top, &name, moved, &mut done)) {
            Ok(()) => done = true,
            Err(error) => problem = Some(error),
        }
    }
    // What could not be deleted yet may go once others are gone: a full disk lets nothing move.
    match problem {
        Some(problem) if !done => Err(problem.into()),
        _ => Ok(found),
    }
}

/// Deletes a file or an empty folder.
fn remove(folder: impl AsFd, name: &CStr) -> Result<(), Errno> {
    match unlinkat(&folder, name, AtFlags::empty()) {
        Err(Errno::ISDIR) => unlinkat(&folder, name, AtFlags::REMOVEDIR),
        other => other,
    }
}

/// Empties the folder `name`, by moving its own folders up, and deletes it.
fn raise(top: &OwnedFd, name: &CStr, moved: &mut u64, done: &mut bool) -> Result<(), Errno> {
    let folder = open_closed(top, name)?;
    let mut problem = None;
    for child in names(&folder)? {
        let child = child?;
        let gone = remove(&folder, &child).or_else(|_| {
            // Moving a folder changes it, too: where it is.
            drop(open_closed(&folder, &child)?);
            *moved += 1;
            let up = CString::new(format!("moved-{moved}")).map_err(|_| Errno::INVAL)?;
            renameat(&folder, &child, top, &up)
        });
        match gone {
            Ok(()) => *done = true,
            Err(error) => problem = Some(error),
        }
    }
    drop(folder);
    problem.map_or_else(|| unlinkat(top, name, AtFlags::REMOVEDIR), Err)
}

/// Opens a folder, and makes it writable for its owner: only root can do without.
fn open_closed(parent: &OwnedFd, name: &CStr) -> Result<OwnedFd, Errno> {
    if let Ok(folder) = openat(parent, name, folder_flags(), Mode::empty()) {
        // Another's folder cannot be changed, but perhaps be emptied.
        let _ = fchmod(&folder, OWN);
        return Ok(folder);
    }
    let handle = openat(parent, name, OFlags::PATH | folder_flags(), Mode::empty())?;
    // Handles like this one can be changed only by their path.
    chmod(format!("/proc/self/fd/{}", handle.as_raw_fd()), OWN)?;
    openat(parent, name, folder_flags(), Mode::empty())
}

/// The names in a folder, without its own and its parent's.
fn names(folder: &OwnedFd) -> Result<impl Iterator<Item = Result<CString, Errno>> + use<>, Errno> {
    let listed =
        Dir::read_from(folder)?.map(|entry| entry.map(|entry| CString::from(entry.file_name())));
    Ok(listed
        .filter(|name| !name.as_ref().is_ok_and(|name| matches!(name.as_bytes(), b"." | b".."))))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{fs, os::unix::fs::symlink, thread};

    use nix::unistd::{Uid, setfsuid};
    use rustix::fs::mkdirat;

    use super::*;

    /// Makes folders within each other, each with a file and a link. In the end they have this
    /// mode.
    pub(crate) fn nest(folder: &Path, levels: u32, mode: Mode) {
        let mut at = open(folder, folder_flags(), Mode::empty()).unwrap();
        for _ in 0..levels {
            mkdirat(&at, "d", Mode::RWXU).unwrap();
            let next = openat(&at, "d", folder_flags(), Mode::empty()).unwrap();
            rustix::fs::symlinkat("/etc", &next, "link").unwrap();
            openat(&next, "file", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR).unwrap();
            at = next;
        }
        // From below: a closed folder lets nobody through.
        for _ in 0..levels {
            let above = openat(&at, "..", folder_flags(), Mode::empty()).unwrap();
            fchmod(&at, mode).unwrap();
            at = above;
        }
    }

    #[test]
    fn deep_folders_go_and_links_stay_unfollowed() {
        let parent = tempfile::tempdir().unwrap();
        let (folder, other) = (parent.path().join("folder"), parent.path().join("other"));
        fs::create_dir(&folder).unwrap();
        fs::create_dir(&other).unwrap();
        fs::write(other.join("kept"), "kept").unwrap();
        nest(&folder, 8_000, Mode::RWXU);
        for level in ["", "d", "d/d", "d/d/d"] {
            symlink(&other, folder.join(level).join("out")).unwrap();
        }
        // A small stack, so that going down by itself would overflow it.
        let gone = thread::Builder::new()
            .stack_size(64 << 10)
            .spawn(move || delete(&folder))
            .unwrap()
            .join()
            .unwrap();
        gone.unwrap();
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(other.join("kept")).unwrap(), "kept");
    }

    #[test]
    fn their_owner_deletes_closed_folders_without_being_root() {
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
            delete(&folder).unwrap();
            assert!(!folder.exists());
        })
        .join()
        .unwrap();
    }
}
