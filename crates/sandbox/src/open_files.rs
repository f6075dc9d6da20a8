//! Unlinked files that a sandbox's processes hold open: they take space, but are in no folder.

use std::{
    collections::HashSet,
    fs,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
};

use crate::processes::Snapshot;

/// Bytes in the blocks that `stat` counts.
const STAT_BLOCK_BYTES: u64 = 512;
/// Prefix of the kernel's names for files of `memfd_create`.
const MEMORY_FILE_PREFIX: &[u8] = b"/memfd:";

/// The size of unlinked files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct UnlinkedUsage {
    /// Files in memory, in bytes.
    pub memory_bytes: u64,
    /// Deleted files on disks, in bytes.
    pub disk_bytes: u64,
}

/// Measures the unlinked files that these processes hold open. Each counts once.
pub(crate) fn measure_unlinked(processes: &Snapshot) -> UnlinkedUsage {
    let mut seen = HashSet::new();
    let mut usage = UnlinkedUsage::default();

    for process in &processes.ids {
        // A process that has ended meanwhile has no entries.
        let descriptors = fs::read_dir(processes.proc.join(format!("{process}/fd")));
        for entry in descriptors.into_iter().flatten().flatten() {
            let Ok(file) = fs::metadata(entry.path()) else { continue };
            if !file.is_file() || file.nlink() > 0 || !seen.insert((file.dev(), file.ino())) {
                continue;
            }

            let bytes = file.blocks() * STAT_BLOCK_BYTES;
            let name = fs::read_link(entry.path()).unwrap_or_default();
            if name.as_os_str().as_bytes().starts_with(MEMORY_FILE_PREFIX) {
                usage.memory_bytes += bytes;
            } else {
                usage.disk_bytes += bytes;
            }
        }
    }
    usage
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn deleted_files_count_while_they_are_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut file = fs::File::create(&path).unwrap();
        file.write_all(&vec![1; 3 << 20]).unwrap();
        file.sync_all().unwrap();
        let again = file.try_clone().unwrap();
        let own = Snapshot {
            proc: "/proc".into(),
            ids: vec![std::process::id()],
            usage: Default::default(),
        };
        let before = measure_unlinked(&own).disk_bytes;
        fs::remove_file(&path).unwrap();
        let with = measure_unlinked(&own).disk_bytes;
        assert!((3 << 20..4 << 20).contains(&(with - before)), "{before} {with}");
        drop((file, again));
        assert!(measure_unlinked(&own).disk_bytes < 3 << 20);
    }
}
