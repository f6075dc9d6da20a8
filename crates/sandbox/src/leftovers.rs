//! Folders of jobs whose node is gone: SIGKILL leaves nobody to delete them.
//!
//! A node holds a lock on each folder, which the kernel takes away with the node. A folder gets its
//! name only with its lock, so nobody takes one that is just being made for one that is left over.

use std::{
    fs, io,
    os::{fd::OwnedFd, unix::fs::MetadataExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::{
    fs::{FlockOperation, Mode, flock, fstat, open},
    io::Errno,
};

use crate::tree;

/// How folders with a lock are called. Those of older versions were called otherwise, and had none.
const HELD: &str = "nosana-job-held-";
/// How folders are called until they have their lock.
const NEW: &str = "nosana-job-new-";
/// How long a folder may be without its lock. A node was killed in between if it takes longer.
const MAKING: Duration = Duration::from_secs(3600);

/// Makes a folder with a name of its own, and its lock.
pub(crate) fn make(parent: &Path) -> io::Result<(PathBuf, OwnedFd)> {
    let new = tempfile::Builder::new().prefix(NEW).tempdir_in(parent)?;
    let lock = open(new.path(), tree::folder_flags(), Mode::empty())?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        // A file system without locks: nobody else gets one either, and the folder stays if this
        // node is killed.
        Ok(()) | Err(Errno::BADF | Errno::INVAL | Errno::NOTSUP | Errno::NOSYS | Errno::NOLCK) => {}
        Err(error) => return Err(error.into()),
    }
    let name = new.path().file_name().unwrap_or_default().to_string_lossy().replacen(NEW, HELD, 1);
    let held = parent.join(name);
    fs::rename(new.path(), &held)?;
    // It would look for the old name.
    drop(new.keep());
    Ok((held, lock))
}

/// Deletes what nodes left in this folder that are gone. What cannot be deleted stays for the next
/// time.
pub(crate) fn sweep(parent: &Path) {
    let Ok(own) = fs::metadata("/proc/self").map(|process| process.uid()) else { return };
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let (held, new) = match name.to_str() {
            Some(name) => (name.starts_with(HELD), name.starts_with(NEW)),
            None => continue,
        };
        let path = entry.path();
        if let Some(_lock) = held.then(|| take(&path, own)).flatten() {
            let _ = tree::delete(&path);
        }
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if new && age().is_some_and(|age| age > MAKING) {
            // Without its lock, nothing has been put into it.
            let _ = fs::remove_dir(&path);
        }
    }
}

/// The lock of a folder of this user whose node is gone.
fn take(path: &Path, own: u32) -> Option<OwnedFd> {
    let folder = open(path, tree::folder_flags(), Mode::empty()).ok()?;
    let is_own = fstat(&folder).is_ok_and(|found| found.st_uid == own);
    (is_own && flock(&folder, FlockOperation::NonBlockingLockExclusive).is_ok()).then_some(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_what_nobody_holds_is_deleted() {
        let parent = tempfile::tempdir().unwrap();
        let (kept, _lock) = make(parent.path()).unwrap();
        let (left, lock) = make(parent.path()).unwrap();
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
        sweep(parent.path());
        assert!(kept.exists() && left.exists());
        drop(lock);
        sweep(parent.path());
        assert!(!left.exists());
        assert!(
            kept.exists() && old.exists() && being_made.exists() && linked.join("file").exists()
        );
        let long_ago = std::time::SystemTime::now() - MAKING * 2;
        fs::File::open(&being_made).unwrap().set_modified(long_ago).unwrap();
        sweep(parent.path());
        assert!(kept.exists() && !being_made.exists());
    }
}
