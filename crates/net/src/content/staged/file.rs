//! A file in which an object arrives: whether it is still there, and its blocks.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nosana_store::MAX_BLOCK_BYTES;

pub(super) fn is_file_at(file: &File, path: &Path) -> io::Result<bool> {
    let opened = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The next block of the file; none at its end or where it was cut off.
pub(super) fn read_staged(reader: &mut impl Read) -> Result<Option<Vec<u8>>, std::io::Error> {
    let mut length = [0; 4];
    if !fill_buffer(reader, &mut length)? {
        return Ok(None);
    }

    let length = u32::from_le_bytes(length);
    if u64::from(length) > MAX_BLOCK_BYTES {
        return Ok(None);
    }
    let mut block = vec![0; length as usize];
    Ok(fill_buffer(reader, &mut block)?.then_some(block))
}

fn fill_buffer(reader: &mut impl Read, buffer: &mut [u8]) -> Result<bool, std::io::Error> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
