//! Files to blocks.

use std::io::{ErrorKind, Read};
use std::path::Path;

use cid::Version;
use rust_unixfs::file::adder::{BalancedCollector, Chunker, FileAdder};

use nosana_job_spec::ContentId;

use crate::{Store, StoreError, error::io_error};

/// The bytes of content in one block, as `ipfs add` cuts files for CIDv0.
const CHUNK_BYTES: usize = 262_144;
/// The links in one node, as `ipfs add` makes it for CIDv0.
const LINKS_PER_NODE: usize = 174;

impl Store {
    /// Stores these bytes as a file and returns its identifier. Storing the same bytes again has no
    /// effect.
    pub fn put(&self, bytes: &[u8]) -> Result<ContentId, StoreError> {
        self.put_reader(bytes, Path::new("memory")).map(|(id, _)| id)
    }

    /// Stores everything that `reader` returns as a file, one block at a time; returns the file's
    /// identifier and its size in bytes. Errors name `source`, the origin of the bytes.
    pub fn put_reader(
        &self,
        reader: impl Read,
        source: &Path,
    ) -> Result<(ContentId, u64), StoreError> {
        cut_file(reader, source, |block| self.put_block(block))
    }
}

/// Cuts everything that `reader` returns into the blocks of a file, leaves before roots, of which
/// `name_block` returns the identifiers. Returns the file's identifier and its size in bytes.
pub(crate) fn cut_file(
    mut reader: impl Read,
    source: &Path,
    mut name_block: impl FnMut(&[u8]) -> Result<ContentId, StoreError>,
) -> Result<(ContentId, u64), StoreError> {
    let mut adder = FileAdder::builder()
        .with_cid_version(Version::V0)
        .with_chunker(Chunker::Size(CHUNK_BYTES))
        .with_collector(BalancedCollector::with_branching_factor(LINKS_PER_NODE))
        .build();
    let mut buffer = vec![0; CHUNK_BYTES];

    // Parents come after their children, so the last block is the root.
    let mut root = None;
    let mut size_bytes = 0;

    loop {
        let length = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(io_error("read", source)(error)),
        };
        size_bytes += length as u64;

        let mut rest = &buffer[..length];
        while !rest.is_empty() {
            let (blocks, consumed) = adder.push(rest);

            for (_, block) in blocks {
                root = Some(name_block(&block)?);
            }
            rest = &rest[consumed..];
        }
    }

    for (_, block) in adder.finish() {
        root = Some(name_block(&block)?);
    }
    root.map(|id| (id, size_bytes)).ok_or(StoreError::NoRoot)
}
