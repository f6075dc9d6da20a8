//! A folder as an archive: in the order of names, without times and owners, so that equal content
//! makes equal archives.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, ErrorKind, Read, Seek, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use tar::{Builder, EntryType, Header, HeaderMode};

use super::regular_file::{ensure_size, open_regular_file};

/// Archives these entries of a folder. The archive is a temporary file, positioned at its beginning.
pub fn archive_entries(folder: &Path, paths: &BTreeSet<PathBuf>) -> Result<File> {
    let mut archive = Builder::new(tempfile::tempfile()?);

    for path in paths {
        append_entry(&mut archive, folder, path)
            .with_context(|| format!("{}", folder.join(path).display()))?;
        ensure_size(archive.get_mut().stream_position()?)?;
    }

    let mut file = archive.into_inner()?;
    file.flush()?;
    ensure_size(file.stream_position()?)?;
    file.rewind()?;
    Ok(file)
}

fn append_entry(archive: &mut Builder<File>, folder: &Path, path: &Path) -> Result<()> {
    let source = folder.join(path);
    let metadata = fs::symlink_metadata(&source)?;
    let mut header = Header::new_gnu();
    header.set_metadata_in_mode(&metadata, HeaderMode::Deterministic);
    header.set_size(0);

    if metadata.is_dir() {
        header.set_entry_type(EntryType::Directory);
        archive.append_data(&mut header, path, io::empty())?;
    } else if metadata.is_symlink() {
        header.set_entry_type(EntryType::Symlink);
        archive.append_link(&mut header, path, fs::read_link(&source)?)?;
    } else if metadata.is_file() {
        append_file(archive, header, &source, path)?;
    } else {
        bail!("it is not a file, a folder or a link; remove it first");
    }
    Ok(())
}

/// Appends a file with all of its bytes: holes are zeros in the archive.
fn append_file(
    archive: &mut Builder<File>,
    mut header: Header,
    source: &Path,
    path: &Path,
) -> Result<()> {
    let (file, metadata) = open_regular_file(source)?;
    let size_bytes = metadata.len();
    // Before it is copied: a file with holes may be larger than this machine's disk.
    let position = archive.get_mut().stream_position()?;
    ensure_size(position.saturating_add(size_bytes))?;

    header.set_entry_type(EntryType::Regular);
    header.set_size(size_bytes);
    archive.append_data(&mut header, path, ExactReader { file, left_bytes: size_bytes })?;
    Ok(())
}

/// Reads as many bytes as a file had when it was opened: more would damage the archive.
struct ExactReader<R> {
    file: R,
    left_bytes: u64,
}

impl<R: Read> Read for ExactReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = usize::try_from(self.left_bytes).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read(&mut buffer[..length])?;

        if read == 0 && length > 0 {
            let problem = "it became shorter while it was read; try again";
            return Err(io::Error::new(ErrorKind::UnexpectedEof, problem));
        }
        self.left_bytes -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_exactly(bytes: &[u8], left_bytes: u64) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        ExactReader { file: bytes, left_bytes }.read_to_end(&mut read).map(|_| read)
    }

    #[test]
    fn a_file_that_changes_does_not_damage_the_archive() {
        assert_eq!(read_exactly(b"abc", 3).unwrap(), b"abc");
        assert_eq!(read_exactly(b"abcd", 3).unwrap(), b"abc");
        assert_eq!(read_exactly(b"", 0).unwrap(), b"");
        assert!(read_exactly(b"ab", 3).is_err());
    }
}
