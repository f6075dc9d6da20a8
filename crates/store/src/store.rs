//! A folder of blocks, each named by its hash.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use cid::Version;
use rust_unixfs::file::adder::{BalancedCollector, Chunker, FileAdder};
use rust_unixfs::file::visit::IdleFileVisit;
use serde::{Serialize, de::DeserializeOwned};
use tempfile::NamedTempFile;

use nosana_job_spec::{ContentId, Digest};

use crate::{StoreError, garbage, ipfs::Ipfs};

/// The bytes of content in one block, and the links in one node: what `ipfs add` has used for CIDv0
/// all along.
const CHUNK_BYTES: usize = 262_144;
const LINKS_PER_NODE: usize = 174;

/// The largest block that is read or taken from others: the limit of IPFS's own block exchange.
pub const MAX_BLOCK_BYTES: u64 = 2 * 1024 * 1024;

/// What the blocks of a file may hold beside twice its content.
const SPARE_BYTES: u64 = 4 * 1024 * 1024;

/// The largest JSON file that [`Store::put_json`] writes and [`Store::get_json`] reads.
pub const MAX_JSON_BYTES: u64 = 16 * 1024 * 1024;

/// A content-addressed folder on the local disk.
///
/// Files are cut into blocks as `ipfs add` cuts them, so that the identifiers are the same and the
/// blocks can be handed to an IPFS node as they are. A block is written to a temporary file,
/// flushed to the disk and renamed into place, leaves before roots: a store that was killed at any
/// moment holds only whole blocks, and a root only when everything under it is there. Several
/// threads and processes may use one folder at once.
#[derive(Clone, Debug)]
pub struct Store {
    blocks: PathBuf,
    staging: PathBuf,
    ipfs: Option<Ipfs>,
    /// Nothing is asked of the IPFS node after this.
    until: Option<Instant>,
}

impl Store {
    /// Opens the store in this folder; creates it where it does not exist.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let store = Self {
            blocks: path.as_ref().join("blocks"),
            staging: path.as_ref().join("staging"),
            ipfs: None,
            until: None,
        };
        create_folder(&store.blocks)?;
        create_folder(&store.staging)?;
        Ok(store)
    }

    /// The same store, which shares everything with the IPFS node whose HTTP API is at `url`: what
    /// is put here is handed to it, and what is not here is asked of it.
    #[must_use]
    pub fn with_ipfs(self, url: &str) -> Self {
        Self { ipfs: Some(Ipfs::at(url)), ..self }
    }

    /// The same store, which asks nothing of the IPFS node after `until`: what is not here then is
    /// an error.
    #[must_use]
    pub fn until(self, until: Instant) -> Self {
        Self { until: Some(until), ..self }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.blocks.parent().unwrap_or(&self.blocks)
    }

    /// Stores these bytes as a file and returns its identifier. Storing the same bytes again
    /// changes nothing.
    pub fn put(&self, bytes: &[u8]) -> Result<ContentId, StoreError> {
        self.put_reader(bytes, Path::new("memory")).map(|(id, _)| id)
    }

    /// Stores everything that `reader` gives as a file, a block at a time; returns its identifier
    /// and its size in bytes. Errors name `source`, where the bytes come from.
    pub fn put_reader(
        &self,
        mut reader: impl Read,
        source: &Path,
    ) -> Result<(ContentId, u64), StoreError> {
        let mut adder = FileAdder::builder()
            .with_cid_version(Version::V0)
            .with_chunker(Chunker::Size(CHUNK_BYTES))
            .with_collector(BalancedCollector::with_branching_factor(LINKS_PER_NODE))
            .build();
        // Parents come after their children, so the last block is the root.
        let (mut root, mut size_bytes) = (None, 0);
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            let length = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(io("read", source)(error)),
            };
            size_bytes += length as u64;
            let mut rest = &buffer[..length];
            while !rest.is_empty() {
                let (blocks, taken) = adder.push(rest);
                for (_, block) in blocks {
                    root = Some(self.put_block(&block)?);
                }
                rest = &rest[taken..];
            }
        }
        for (_, block) in adder.finish() {
            root = Some(self.put_block(&block)?);
        }
        root.map(|id| (id, size_bytes)).ok_or(StoreError::NoRoot)
    }

    /// Reads a file of at most `max_bytes`, checking the hash of every block on the way.
    pub fn get(&self, id: &ContentId, max_bytes: u64) -> Result<Vec<u8>, StoreError> {
        let not_a_file = |reason: String| StoreError::NotAFile { id: *id, reason };
        let too_large = |size_bytes| StoreError::TooLarge {
            what: id.to_string(),
            size_bytes,
            limit_bytes: max_bytes,
        };

        let root = self.get_block(id)?;
        let (content, size_bytes, _, mut visit) =
            IdleFileVisit::default().start(&root).map_err(|error| not_a_file(error.to_string()))?;
        if size_bytes > max_bytes {
            return Err(too_large(size_bytes));
        }
        let mut bytes = content.to_vec();
        // Interior nodes can be large and hold nothing: what is fetched is bounded beside what it
        // amounts to.
        let most = max_bytes.saturating_mul(2).saturating_add(SPARE_BYTES);
        let mut bytes_left = most.saturating_sub(root.len() as u64);
        // Links may repeat, so a small hostile tree can unfold into endless empty leaves: bound the
        // walk as well.
        let mut blocks_left = 1024 + max_bytes / 1024;
        while let Some(step) = visit {
            blocks_left = blocks_left
                .checked_sub(1)
                .ok_or_else(|| not_a_file("it has too many blocks".into()))?;
            let child = ContentId::from_link(step.pending_links().0).map_err(not_a_file)?;
            let block = self.get_block(&child)?;
            bytes_left = bytes_left
                .checked_sub(block.len() as u64)
                .ok_or_else(|| not_a_file("its blocks hold much more than its content".into()))?;
            let (content, next) = step
                .continue_walk(&block, &mut None)
                .map_err(|error| not_a_file(error.to_string()))?;
            bytes.extend_from_slice(content);
            if bytes.len() as u64 > max_bytes {
                return Err(too_large(bytes.len() as u64));
            }
            visit = next;
        }
        if bytes.len() as u64 != size_bytes {
            return Err(not_a_file(format!(
                "it holds {} bytes but declares {size_bytes}",
                bytes.len()
            )));
        }
        Ok(bytes)
    }

    /// Whether this file is here. Roots are written last, so one that is here was stored whole.
    pub fn has(&self, id: &ContentId) -> bool {
        self.block_path(id).is_file()
    }

    /// Stores a value as compact JSON, fields in the order in which its type declares them.
    pub fn put_json<T: Serialize>(&self, value: &T) -> Result<ContentId, StoreError> {
        let bytes = serde_json::to_vec(value).map_err(StoreError::Unwritable)?;
        let size_bytes = bytes.len() as u64;
        if size_bytes > MAX_JSON_BYTES {
            return Err(StoreError::TooLarge {
                what: "the JSON".into(),
                size_bytes,
                limit_bytes: MAX_JSON_BYTES,
            });
        }
        self.put(&bytes)
    }

    /// Reads a value that was stored as JSON.
    pub fn get_json<T: DeserializeOwned>(&self, id: &ContentId) -> Result<T, StoreError> {
        let bytes = self.get(id, MAX_JSON_BYTES)?;
        serde_json::from_slice(&bytes).map_err(|source| StoreError::Json { id: *id, source })
    }

    /// Stores one block as it is, for instance one that came from an IPFS node, and returns its
    /// identifier.
    pub fn put_block(&self, block: &[u8]) -> Result<ContentId, StoreError> {
        let size_bytes = block.len() as u64;
        if size_bytes > MAX_BLOCK_BYTES {
            return Err(StoreError::TooLarge {
                what: "a block".into(),
                size_bytes,
                limit_bytes: MAX_BLOCK_BYTES,
            });
        }
        let id = ContentId::from(Digest::of(block));
        // A damaged block is replaced, so that putting the content again repairs the store.
        match self.local_block(&id) {
            Ok(_) => return self.share(block).map(|()| id),
            Err(
                StoreError::NotFound { .. }
                | StoreError::Corrupted { .. }
                | StoreError::TooLarge { .. },
            ) => {}
            Err(other) => return Err(other),
        }
        let path = self.block_path(&id);
        let folder = path.parent().unwrap_or(&self.blocks);
        create_folder(folder)?;
        let mut staged =
            NamedTempFile::new_in(&self.staging).map_err(io("create a file in", &self.staging))?;
        staged.write_all(block).map_err(io("write", staged.path()))?;
        staged.as_file().sync_all().map_err(io("flush", staged.path()))?;
        staged.persist(&path).map_err(|error| io("rename a file to", &path)(error.error))?;
        sync_folder(folder)?;
        self.share(block)?;
        Ok(id)
    }

    /// Reads one block and checks that it is the one that its name promises. One that is not here,
    /// or damaged, is fetched from the IPFS node, if there is one, and kept.
    pub fn get_block(&self, id: &ContentId) -> Result<Vec<u8>, StoreError> {
        match (self.local_block(id), &self.ipfs) {
            (Err(StoreError::NotFound { .. } | StoreError::Corrupted { .. }), Some(ipfs)) => {
                let block = ipfs.get(id, self.until)?;
                if Digest::of(&block) != Digest(id.digest()) {
                    return Err(StoreError::Forged { id: *id });
                }
                Self { ipfs: None, ..self.clone() }.put_block(&block)?;
                Ok(block)
            }
            (read, _) => read,
        }
    }

    fn share(&self, block: &[u8]) -> Result<(), StoreError> {
        self.ipfs.as_ref().map_or(Ok(()), |ipfs| ipfs.put(block))
    }

    pub(crate) fn blocks(&self) -> &Path {
        &self.blocks
    }

    pub(crate) fn ipfs(&self) -> Option<&Ipfs> {
        self.ipfs.as_ref()
    }

    pub(crate) fn staging(&self) -> &Path {
        &self.staging
    }

    fn local_block(&self, id: &ContentId) -> Result<Vec<u8>, StoreError> {
        let path = self.block_path(id);
        let file = File::open(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => StoreError::NotFound { block: *id, path: path.clone() },
            _ => io("open", &path)(error),
        })?;
        garbage::touch(&file);
        let mut block = Vec::new();
        file.take(MAX_BLOCK_BYTES + 1).read_to_end(&mut block).map_err(io("read", &path))?;
        if block.len() as u64 > MAX_BLOCK_BYTES {
            let size_bytes = block.len() as u64;
            return Err(StoreError::TooLarge {
                what: id.to_string(),
                size_bytes,
                limit_bytes: MAX_BLOCK_BYTES,
            });
        }
        let (expected, actual) = (Digest(id.digest()), Digest::of(&block));
        if expected == actual {
            Ok(block)
        } else {
            Err(StoreError::Corrupted { path, expected, actual })
        }
    }

    /// `blocks/ab/cd/abcd…`: at most 256 entries in each of the upper folders.
    fn block_path(&self, id: &ContentId) -> PathBuf {
        let name = Digest(id.digest()).to_string();
        self.blocks.join(&name[0..2]).join(&name[2..4]).join(&name)
    }
}

/// Creates a folder and those above it, and makes their entries durable.
fn create_folder(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path).map_err(io("create", path))?;
    path.ancestors().skip(1).take(3).filter(|folder| folder.is_dir()).try_for_each(sync_folder)
}

/// Flushes a folder's entries, so that a rename outlives a power cut. Only Unix can open a folder
/// as a file.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(io("flush", path))?;
    }
    Ok(())
}

pub(crate) fn io<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> StoreError + use<'a> {
    move |source| StoreError::Io { action, path: path.to_owned(), source }
}
