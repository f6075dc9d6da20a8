//! The room on a disk.

use std::path::Path;

use rustix::fs::statvfs;

use crate::{FileError, error::file_error};

/// The unit in which file systems give room to a file.
const BLOCK_BYTES: u64 = 4096;
/// What a file or a folder takes beside its content: a disk has no more of them than it has room of
/// this size (the default of ext4).
const ENTRY_BYTES: u64 = 16 << 10;

/// The room that a folder takes.
pub(crate) const FOLDER_BYTES: u64 = BLOCK_BYTES + ENTRY_BYTES;

/// Returns the space of a folder's disk that users other than root may still use.
///
/// # Errors
/// If the folder cannot be read.
pub fn free_bytes(folder: &Path) -> Result<u64, FileError> {
    let disk = statvfs(folder)
        .map_err(|error| file_error("read the free space of", folder)(error.into()))?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// The room that a file of this length takes: an empty one takes room as well.
pub(crate) fn disk_bytes(length: u64) -> u64 {
    let blocks = length.checked_next_multiple_of(BLOCK_BYTES).unwrap_or(u64::MAX);
    blocks.saturating_add(ENTRY_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_files_take_room() {
        assert_eq!([0, 1, 4096, 4097].map(disk_bytes), [16_384, 20_480, 20_480, 24_576]);
        assert_eq!(disk_bytes(u64::MAX), u64::MAX);
        assert_eq!(FOLDER_BYTES, disk_bytes(1));
    }
}
