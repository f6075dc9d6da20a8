//! Folders of jobs whose node is gone: after SIGKILL, a node cannot delete them itself.
//!
//! A node holds a lock on each folder, which the kernel releases when the node ends. A folder gets
//! its final name only after it is locked, so that a folder that is being created is never taken
//! for a leftover.

use std::{
    ffi::OsStr,
    fs, io,
    os::{
        fd::OwnedFd,
        unix::{ffi::OsStrExt, fs::MetadataExt},
    },
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::{
    fs::{FlockOperation, Mode, flock, fstat, open},
    io::Errno,
    process::{Pid, Signal, kill_process},
};

use crate::{
    procfs::{PROC, list_processes},
    tree,
};

/// Prefix of folders with a lock. Older versions used another prefix and no locks.
const LOCKED_PREFIX: &str = "nosana-job-held-";
/// Prefix of folders until they are locked.
const NEW_PREFIX: &str = "nosana-job-new-";
/// How long a new folder may stay without a lock. After that, its node was killed before it locked
/// the folder.
const CREATE_TIMEOUT: Duration = Duration::from_secs(3600);

/// Creates a folder with a unique name, and locks it.
pub(crate) fn create_locked(parent: &Path) -> io::Result<(PathBuf, OwnedFd)> {
    let new = tempfile::Builder::new().prefix(NEW_PREFIX).tempdir_in(parent)?;

    let lock = open(new.path(), tree::folder_flags(), Mode::empty())?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        // On a file system without locks, no other node gets one either, and the folder stays if
        // this node is killed.
        Ok(()) | Err(Errno::BADF | Errno::INVAL | Errno::NOTSUP | Errno::NOSYS | Errno::NOLCK) => {}
        Err(error) => return Err(error.into()),
    }

    let name = new.path().file_name().unwrap_or_default().to_string_lossy();
    let locked = parent.join(name.replacen(NEW_PREFIX, LOCKED_PREFIX, 1));
    fs::rename(new.path(), &locked)?;

    // On drop, it would try to delete the old name.
    drop(new.keep());
    Ok((locked, lock))
}

/// Deletes what nodes that are gone have left in this folder. What cannot be deleted stays until
/// the next call.
pub(crate) fn delete_leftovers(parent: &Path) {
    let Ok(own_user) = fs::metadata("/proc/self").map(|process| process.uid()) else { return };

    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let path = entry.path();

        if name.starts_with(LOCKED_PREFIX)
            && let Some(_lock) = lock_leftover(&path, own_user)
        {
            kill_sandboxes(&path, own_user);
            let _ = tree::delete_tree(&path);
        }

        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if name.starts_with(NEW_PREFIX) && age().is_some_and(|age| age > CREATE_TIMEOUT) {
            // It is empty: files are put only into a locked folder.
            let _ = fs::remove_dir(&path);
        }
    }
}

/// Locks a folder of this user whose node is gone.
fn lock_leftover(path: &Path, own_user: u32) -> Option<OwnedFd> {
    let folder = open(path, tree::folder_flags(), Mode::empty()).ok()?;
    let is_own = fstat(&folder).is_ok_and(|found| found.st_uid == own_user);

    (is_own && flock(&folder, FlockOperation::NonBlockingLockExclusive).is_ok()).then_some(folder)
}

/// Ends bubblewrap processes of a folder whose node is gone. They end with their node, except one
/// that waits for its first message when the node is killed: that one would wait for ever.
fn kill_sandboxes(folder: &Path, own_user: u32) {
    for (process, _) in list_processes(Path::new(PROC)) {
        let path = Path::new(PROC).join(process.to_string());
        let is_own = fs::metadata(&path).is_ok_and(|found| found.uid() == own_user);
        let command = fs::read(path.join("cmdline")).unwrap_or_default();

        if is_own
            && is_sandbox_of(&command, folder)
            && let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw)
        {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Whether a command line, whose arguments end with zero bytes, is bubblewrap with this folder or a
/// file in it.
fn is_sandbox_of(command: &[u8], folder: &Path) -> bool {
    let mut arguments =
        command.split(|byte| *byte == 0).map(|bytes| Path::new(OsStr::from_bytes(bytes)));
    let is_bubblewrap = arguments.next().is_some_and(|program| program.ends_with("bwrap"));

    is_bubblewrap && arguments.any(|argument| argument.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_unlocked_folders_are_deleted() {
        let parent = tempfile::tempdir().unwrap();
        let (kept, _lock) = create_locked(parent.path()).unwrap();
        let (left, lock) = create_locked(parent.path()).unwrap();
        fs::write(left.join("file"), "left").unwrap();
        let other = |name: &str| {
            let path = parent.path().join(name);
            fs::create_dir(&path).unwrap();
            path
        };
        let old = other("nosana-job-AbCdEf");
        let being_made = other("nosana-job-new-AbCdEf");
        let linked = other("linked");
        fs::write(linked.join("file"), "kept").unwrap();
        symlink(&linked, parent.path().join("nosana-job-held-link")).unwrap();
        delete_leftovers(parent.path());
        assert!(kept.exists() && left.exists());
        drop(lock);
        delete_leftovers(parent.path());
        assert!(!left.exists());
        assert!(
            kept.exists() && old.exists() && being_made.exists() && linked.join("file").exists()
        );
        let long_ago = std::time::SystemTime::now() - CREATE_TIMEOUT * 2;
        fs::File::open(&being_made).unwrap().set_modified(long_ago).unwrap();
        delete_leftovers(parent.path());
        assert!(kept.exists() && !being_made.exists());
    }

    #[test]
    fn only_bubblewrap_with_the_folder_is_killed() {
        let folder = Path::new("/tmp/nosana-job-held-a");
        let of = |command: &[u8]| is_sandbox_of(command, folder);
        assert!(of(b"/usr/bin/bwrap\0--bind\0/tmp/nosana-job-held-a/work\0/work\0"));
        assert!(of(b"bwrap\0--bind\0/tmp/nosana-job-held-a\0"));
        assert!(!of(b"bwrap\0--bind\0/tmp/nosana-job-held-ab/work\0"));
        assert!(!of(b"ls\0/tmp/nosana-job-held-a\0"));
        assert!(!of(b"bwrap\0") && !of(b""));
    }
}
