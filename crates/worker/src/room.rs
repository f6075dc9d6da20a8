//! Whether the host's disks have room for another job: what jobs leave in the store has no quota.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rustix::fs::statvfs;

const MIB: u64 = 1 << 20;

/// The folders that jobs fill, and how much has to be free on each one's disk.
#[derive(Clone, Debug)]
pub struct Room {
    /// The folders.
    pub folders: Vec<PathBuf>,
    /// Bytes.
    pub min_free_bytes: u64,
}

impl Room {
    /// # Errors
    /// Names the first folder whose disk has less room, and what its owner can do.
    pub fn check(&self) -> Result<()> {
        for folder in &self.folders {
            let free = free_bytes(folder)?;
            ensure!(
                free >= self.min_free_bytes,
                "the disk of {} has {} MiB free and new work needs {} MiB: make room, or say less with --min-free",
                folder.display(),
                free / MIB,
                self.min_free_bytes / MIB
            );
        }
        Ok(())
    }
}

/// What others than root may still use.
fn free_bytes(folder: &Path) -> Result<u64> {
    let disk = statvfs(folder)
        .with_context(|| format!("cannot see how much room {} has", folder.display()))?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let room =
            |min_free_bytes| Room { folders: vec![folder.path().to_owned()], min_free_bytes };
        room(1).check().unwrap();
        let refused = room(u64::MAX).check().unwrap_err().to_string();
        assert!(
            refused.contains(folder.path().to_str().unwrap()) && refused.contains("--min-free"),
            "{refused}"
        );
        let gone = Room { folders: vec![folder.path().join("gone")], min_free_bytes: 1 };
        assert!(gone.check().unwrap_err().to_string().contains("cannot see"));
    }
}
