//! Making room: blocks that nobody has used for long.

use std::{
    fs::{self, File, FileTimes},
    path::Path,
    time::{Duration, SystemTime},
};

use nosana_job_spec::{ContentId, Digest};

use crate::{Store, StoreError, ipfs::Ipfs, store::io};

/// A block's time of use is not written more often than this.
const RESOLUTION: Duration = Duration::from_secs(3_600);

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Files, blocks and what was left of writes that were cut off.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Store {
    /// Removes all blocks that were neither written nor read for `unused`.
    ///
    /// Reading or putting content uses all its blocks, so nothing that is in use loses a part. An
    /// IPFS node behind the store is asked not to keep them any longer either.
    ///
    /// # Errors
    /// If the folder cannot be read, a file not be removed, or the IPFS node does not answer. What
    /// was removed until then is gone.
    pub fn collect_garbage(&self, unused: Duration) -> Result<Collected, StoreError> {
        let before = SystemTime::now().checked_sub(unused).unwrap_or(SystemTime::UNIX_EPOCH);
        let mut collected = Collected::default();
        sweep(self.staging(), before, None, &mut collected)?;
        sweep(self.blocks(), before, self.ipfs(), &mut collected)?;
        Ok(collected)
    }
}

fn sweep(
    folder: &Path,
    before: SystemTime,
    ipfs: Option<&Ipfs>,
    collected: &mut Collected,
) -> Result<(), StoreError> {
    for entry in fs::read_dir(folder).map_err(io("list", folder))? {
        let entry = entry.map_err(io("list", folder))?;
        let path = entry.path();
        // Another process may have removed it meanwhile.
        let Ok(found) = entry.metadata() else { continue };
        if found.is_dir() {
            sweep(&path, before, ipfs, collected)?;
        } else if found.modified().is_ok_and(|used| used < before) {
            // First, so that it is tried again if the node does not answer.
            if let (Some(ipfs), Some(id)) = (ipfs, block_id(&path)) {
                ipfs.unpin(&id)?;
            }
            match fs::remove_file(&path) {
                Ok(()) => {
                    collected.files += 1;
                    collected.bytes += found.len();
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(io("remove", &path)(error)),
            }
        }
    }
    Ok(())
}

/// The block that a file holds, by its name.
fn block_id(path: &Path) -> Option<ContentId> {
    Digest::from_hex(path.file_name()?.to_str()?).map(ContentId::from)
}

/// Notes that a block is used now. That it cannot be noted, as on a disk that is read-only, keeps
/// nobody from reading it.
pub(crate) fn touch(file: &File) {
    let now = SystemTime::now();
    let is_old = |used: SystemTime| now.duration_since(used).is_ok_and(|ago| ago > RESOLUTION);
    if file.metadata().and_then(|found| found.modified()).is_ok_and(is_old) {
        let _ = file.set_times(FileTimes::new().set_modified(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    /// Makes everything in the folder look as if it had been used that long ago.
    fn age(folder: &Path, by: Duration) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                age(&path, by);
            } else {
                let times = FileTimes::new().set_modified(SystemTime::now() - by);
                File::options().write(true).open(path).unwrap().set_times(times).unwrap();
            }
        }
    }

    #[test]
    fn what_is_used_stays_whole_and_the_rest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let long =
            |byte: u8| -> Vec<u8> { (0..700_000_u32).map(|i| (i % 251) as u8 ^ byte).collect() };
        let [read, put, idle] = [1, 2, 3].map(|byte| store.put(&long(byte)).unwrap());
        fs::write(folder.path().join("staging/half"), b"a write that was cut off").unwrap();
        age(folder.path(), 10 * DAY);
        assert_eq!(store.get(&read, 1 << 20).unwrap(), long(1));
        assert_eq!(store.put(&long(2)).unwrap(), put);
        let collected = store.collect_garbage(5 * DAY).unwrap();
        assert_eq!(collected.files, 5, "three blocks and their root, and half a write");
        assert!(collected.bytes > 700_000);
        assert_eq!(store.get(&read, 1 << 20).unwrap(), long(1));
        assert_eq!(store.get(&put, 1 << 20).unwrap(), long(2));
        assert!(matches!(store.get(&idle, 1 << 20), Err(StoreError::NotFound { .. })));
        assert_eq!(store.collect_garbage(5 * DAY).unwrap(), Collected::default());
    }
}
