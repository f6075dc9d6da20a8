//! Files without a name that a sandbox's processes hold open: they take room, but no folder shows
//! them.

use std::{collections::HashSet, fs, os::unix::fs::MetadataExt};

use crate::processes::Seen;

/// Bytes in the blocks that `stat` counts.
const STAT_BLOCK_BYTES: u64 = 512;
/// How the kernel names files of `memfd_create`.
const MEMORY_FILE: &[u8] = b"/memfd:";

/// What such files take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Nameless {
    /// In memory, in bytes.
    pub memory_bytes: u64,
    /// On disks, in bytes: deleted files.
    pub disk_bytes: u64,
}

/// What the nameless files of these processes take, each counted once.
pub(crate) fn nameless(processes: &Seen) -> Nameless {
    use std::os::unix::ffi::OsStrExt;
    let mut seen = HashSet::new();
    let mut total = Nameless::default();
    for process in &processes.ids {
        // A process that has ended meanwhile holds nothing.
        for entry in fs::read_dir(processes.proc.join(format!("{process}/fd")))
            .into_iter()
            .flatten()
            .flatten()
        {
            let Ok(file) = fs::metadata(entry.path()) else { continue };
            if !file.is_file() || file.nlink() > 0 || !seen.insert((file.dev(), file.ino())) {
                continue;
            }
            let bytes = file.blocks() * STAT_BLOCK_BYTES;
            let name = fs::read_link(entry.path()).unwrap_or_default();
            if name.as_os_str().as_bytes().starts_with(MEMORY_FILE) {
                total.memory_bytes += bytes;
            } else {
                total.disk_bytes += bytes;
            }
        }
    }
    total
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
        let own =
            Seen { proc: "/proc".into(), ids: vec![std::process::id()], usage: Default::default() };
        let before = nameless(&own).disk_bytes;
        fs::remove_file(&path).unwrap();
        let with = nameless(&own).disk_bytes;
        assert!((3 << 20..4 << 20).contains(&(with - before)), "{before} {with}");
        drop((file, again));
        assert!(nameless(&own).disk_bytes < 3 << 20);
    }
}
