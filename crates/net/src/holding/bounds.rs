//! The bounds of what a node keeps and reads.

use std::path::Path;

use nosana_job_spec::MAX_COMMAND_INPUT_BYTES;
use nosana_store::MAX_JSON_BYTES;

/// The most content that is sent for one job that this node has: as much as all inputs of a
/// definition.
pub(super) const MAX_OWN_BYTES_PER_JOB: u64 = 8 << 30;
/// The most content that is sent for public jobs that this node has, in all: it stays beside what is
/// kept for others, and clients choose how much it is.
pub(super) const MAX_TAKEN_BYTES: u64 = 4 * MAX_OWN_BYTES_PER_JOB;
/// The disk keeps so much free space: what a node runs is more important than what it keeps.
const MIN_FREE_BYTES: u64 = 2 << 30;

/// The largest object that a node reads.
pub(super) const fn max_content_bytes(is_definition: bool) -> u64 {
    if is_definition { MAX_JSON_BYTES } else { MAX_COMMAND_INPUT_BYTES }
}

/// Whether the disk has room for so many bytes, and leaves some.
pub(super) fn has_free_disk(folder: &Path, bytes: u64) -> bool {
    let disk = rustix::fs::statvfs(folder).ok();
    let free = disk.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    free.is_some_and(|free| free >= bytes.saturating_add(MIN_FREE_BYTES))
}
