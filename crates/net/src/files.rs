//! The open files of this process: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The open files that a process with many connections may have, if the system allows it; shells
/// allow 1,024.
const WANTED_FILES: u64 = 16_384;

/// Raises the number of files that this process may have open, as far as the system allows it, and
/// returns it.
pub fn raise_file_limit() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current.unwrap_or(u64::MAX);
    let raised = WANTED_FILES.min(limit.maximum.unwrap_or(u64::MAX)).max(current);

    let raising = setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit });
    let files = if raising.is_ok() { raised } else { current };
    usize::try_from(files).unwrap_or(usize::MAX)
}
