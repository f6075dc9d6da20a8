//! Garbage collection: removes blocks that have not been used for a while.

use std::{
    collections::HashSet,
    fs::{self, File, FileTimes, Metadata},
    path::Path,
    time::{Duration, SystemTime},
};

use nosana_job_spec::{ContentId, Digest};

use crate::{Store, StoreError, error::io_error, ipfs::Ipfs};

/// The time of a block's last use is written at most this often.
const TOUCH_INTERVAL: Duration = Duration::from_secs(3_600);

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// The number of files: blocks, and the rest of interrupted writes.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Store {
    /// Removes all blocks that were neither written nor read for `unused`.
    ///
    /// Reading or storing content uses all its blocks, so content in use stays complete. The IPFS
    /// node behind the store gets a request to unpin the removed blocks.
    ///
    /// # Errors
    /// If the folder cannot be read, a file cannot be removed, or the IPFS node does not answer.
    /// What was removed before the error stays removed.
    pub fn collect_garbage(&self, unused: Duration) -> Result<Collected, StoreError> {
        let before = SystemTime::now().checked_sub(unused).unwrap_or(SystemTime::UNIX_EPOCH);
        let mut collected = Collected::default();

        let removed = |_: &Path, used: SystemTime| used < before;

        sweep_folder(&self.staging, &removed, None, &mut collected)?;
        sweep_folder(&self.blocks, &removed, self.ipfs.as_ref(), &mut collected)?;
        Ok(collected)
    }
}

impl Store {
    /// Removes everything but these files, except what was written or read less than `min_age` ago,
    /// which may belong to a file that is being stored. A store with an IPFS node requests it to
    /// unpin what is removed.
    ///
    /// # Errors
    /// If the folder cannot be read, a file cannot be removed, or the IPFS node does not answer.
    pub fn retain_files(
        &self,
        kept: &[ContentId],
        min_age: Duration,
    ) -> Result<Collected, StoreError> {
        let local = self.without_sources();
        let mut kept_blocks = HashSet::new();
        for file in kept {
            // A file that is not complete has no use; its blocks are removed.
            let _ = local.walk_file(file, u64::MAX, |block, _| {
                kept_blocks.insert(*block);
            });
        }

        let before = SystemTime::now().checked_sub(min_age).unwrap_or(SystemTime::UNIX_EPOCH);
        let mut collected = Collected::default();
        let is_kept = |path: &Path| block_id(path).is_some_and(|id| kept_blocks.contains(&id));
        let removed = |path: &Path, used: SystemTime| used < before && !is_kept(path);

        sweep_folder(&self.staging, &removed, None, &mut collected)?;
        sweep_folder(&self.blocks, &removed, self.ipfs.as_ref(), &mut collected)?;
        Ok(collected)
    }
}

fn sweep_folder(
    folder: &Path,
    is_unused: &impl Fn(&Path, SystemTime) -> bool,
    ipfs: Option<&Ipfs>,
    collected: &mut Collected,
) -> Result<(), StoreError> {
    for entry in fs::read_dir(folder).map_err(io_error("list", folder))? {
        let entry = entry.map_err(io_error("list", folder))?;
        let path = entry.path();
        // Another process may have removed it in the meantime.
        let Ok(metadata) = entry.metadata() else { continue };

        if metadata.is_dir() {
            sweep_folder(&path, is_unused, ipfs, collected)?;
        } else if metadata.modified().is_ok_and(|used| is_unused(&path, used)) {
            remove_block(&path, &metadata, ipfs, collected)?;
        }
    }
    Ok(())
}

fn remove_block(
    path: &Path,
    metadata: &Metadata,
    ipfs: Option<&Ipfs>,
    collected: &mut Collected,
) -> Result<(), StoreError> {
    // Unpin first: if the node does not answer, the file stays and the next run tries again.
    if let (Some(ipfs), Some(id)) = (ipfs, block_id(path)) {
        ipfs.unpin_block(&id)?;
    }

    match fs::remove_file(path) {
        Ok(()) => {
            collected.files += 1;
            collected.bytes += metadata.len();
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(io_error("remove", path)(error)),
    }
}

/// The block that a file holds, by the file's name.
fn block_id(path: &Path) -> Option<ContentId> {
    Digest::from_hex(path.file_name()?.to_str()?).map(ContentId::from)
}

/// Records that a block is used now. A failure, for example on a read-only disk, is ignored: the
/// block can still be read.
pub(crate) fn touch_file(file: &File) {
    let now = SystemTime::now();
    let is_old = |used: SystemTime| now.duration_since(used).is_ok_and(|ago| ago > TOUCH_INTERVAL);

    if file.metadata().and_then(|metadata| metadata.modified()).is_ok_and(is_old) {
        let _ = file.set_times(FileTimes::new().set_modified(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    /// Sets the last use of every file in the folder to `by` ago.
    fn age_files(folder: &Path, by: Duration) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                age_files(&path, by);
            } else {
                let times = FileTimes::new().set_modified(SystemTime::now() - by);
                File::options().write(true).open(path).unwrap().set_times(times).unwrap();
            }
        }
    }

    #[test]
    fn used_content_stays_complete_and_the_rest_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let long =
            |byte: u8| -> Vec<u8> { (0..700_000_u32).map(|i| (i % 251) as u8 ^ byte).collect() };
        let [read, put, idle] = [1, 2, 3].map(|byte| store.put(&long(byte)).unwrap());
        fs::write(folder.path().join("staging/half"), b"an interrupted write").unwrap();
        age_files(folder.path(), 10 * DAY);

        assert_eq!(store.get(&read, 1 << 20).unwrap(), long(1));
        assert_eq!(store.put(&long(2)).unwrap(), put);

        let collected = store.collect_garbage(5 * DAY).unwrap();
        assert_eq!(collected.files, 5, "three blocks, their root and an interrupted write");
        assert!(collected.bytes > 700_000);
        assert_eq!(store.get(&read, 1 << 20).unwrap(), long(1));
        assert_eq!(store.get(&put, 1 << 20).unwrap(), long(2));
        assert!(matches!(store.get(&idle, 1 << 20), Err(StoreError::NotFound { .. })));

        assert_eq!(store.collect_garbage(5 * DAY).unwrap(), Collected::default());
    }

    #[test]
    fn only_kept_files_and_new_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let long =
            |byte: u8| -> Vec<u8> { (0..700_000_u32).map(|i| (i % 251) as u8 ^ byte).collect() };
        let [kept, shared, dropped] =
            [long(1), long(1)[..262_144].to_vec(), long(2)].map(|bytes| store.put(&bytes).unwrap());
        age_files(folder.path(), DAY);
        let new = store.put(b"new").unwrap();

        let collected = store.retain_files(&[kept], DAY / 2).unwrap();
        assert_eq!(collected.files, 4, "three blocks and their root");
        assert_eq!(store.get(&kept, 1 << 20).unwrap(), long(1));
        assert!(store.has_file(&shared), "its only block is one of the kept file");
        assert!(store.has_file(&new) && !store.has_file(&dropped));
    }
}
