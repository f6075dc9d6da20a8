//! Whether the host's disks have space for another job. What jobs leave in the store has no quota.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rustix::fs::statvfs;

const BYTES_PER_MIB: u64 = 1 << 20;

/// The folders that jobs fill, and the space that must be free on each one's disk.
#[derive(Clone, Debug)]
pub(crate) struct DiskSpaceGuard {
    /// The folders.
    pub folders: Vec<PathBuf>,
    /// The free space that new work requires, in bytes.
    pub min_free_bytes: u64,
}

impl DiskSpaceGuard {
    /// Checks the disk of every folder.
    ///
    /// # Errors
    /// If a disk has less space. The error names its folder and what the owner can do.
    pub fn check_disk_space(&self) -> Result<()> {
        for folder in &self.folders {
            let free = free_bytes(folder)?;
            ensure!(
                free >= self.min_free_bytes,
                "the disk of {} has {} MiB free and new work needs {} MiB: make room, or \
                 lower --min-free",
                folder.display(),
                free / BYTES_PER_MIB,
                self.min_free_bytes / BYTES_PER_MIB
            );
        }

        Ok(())
    }
}

/// Returns the space that users other than root may still use.
fn free_bytes(folder: &Path) -> Result<u64> {
    let disk = statvfs(folder)
        .with_context(|| format!("cannot read the free space of {}", folder.display()))?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let guard = |min_free_bytes| DiskSpaceGuard {
            folders: vec![folder.path().to_owned()],
            min_free_bytes,
        };
        guard(1).check_disk_space().unwrap();

        let refused = guard(u64::MAX).check_disk_space().unwrap_err().to_string();
        assert!(
            refused.contains(folder.path().to_str().unwrap()) && refused.contains("--min-free"),
            "{refused}"
        );

        let gone = DiskSpaceGuard { folders: vec![folder.path().join("gone")], min_free_bytes: 1 };
        assert!(gone.check_disk_space().unwrap_err().to_string().contains("cannot read"));
    }
}
