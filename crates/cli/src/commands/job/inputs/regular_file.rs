//! Files that have an end, within the size that nodes accept.

use std::{
    fs::{self, File},
    io::{self, Read, Seek},
    path::Path,
};

use anyhow::{Result, ensure};
use nosana_job_spec::MAX_COMMAND_INPUT_BYTES;

/// Opens a file; fails for pipes, sockets and devices, which may have no end.
pub fn open_regular_file(path: &Path) -> Result<(File, fs::Metadata)> {
    let refuse = || "it is neither a regular file nor a folder; write its content to a file first";

    // Before it is opened: a pipe would wait for its writer.
    ensure!(fs::metadata(path)?.is_file(), refuse());
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    ensure!(metadata.is_file(), refuse());
    Ok((file, metadata))
}

/// Copies what a file has to a temporary file. Counts while it reads: the size of some files is not
/// known before.
pub fn copy_bounded(file: impl Read) -> Result<(File, u64)> {
    let mut copy = tempfile::tempfile()?;
    let size_bytes = io::copy(&mut file.take(MAX_COMMAND_INPUT_BYTES + 1), &mut copy)?;
    ensure_size(size_bytes)?;

    copy.rewind()?;
    Ok((copy, size_bytes))
}

/// Fails if an input has more bytes than nodes accept.
pub fn ensure_size(size_bytes: u64) -> Result<()> {
    ensure!(
        size_bytes <= MAX_COMMAND_INPUT_BYTES,
        "it has {size_bytes} bytes or more; nodes accept at most {MAX_COMMAND_INPUT_BYTES}; leave \
         out files that can be built"
    );
    Ok(())
}
