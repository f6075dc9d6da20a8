//! The folder of a store, and the IPFS node behind it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crate::{FileSource, StoreError, folder::create_folder, ipfs::Ipfs};

/// A content-addressed folder on the local disk.
///
/// Files are cut into blocks as `ipfs add` cuts them, so the identifiers are equal to those of IPFS
/// and an IPFS node takes the blocks unchanged. A block is written to a temporary file, flushed to
/// the disk and renamed to its name, leaves before roots: after a crash at any time, the store
/// holds only complete blocks, and a root only if everything below it is stored. Several threads
/// and processes may use one folder at once.
#[derive(Clone, Debug)]
pub struct Store {
    /// The folder of the blocks.
    pub(crate) blocks: PathBuf,
    /// The folder of blocks that are being written.
    pub(crate) staging: PathBuf,
    /// The IPFS node that gets all blocks and returns missing ones.
    pub(crate) ipfs: Option<Ipfs>,
    /// Where whole files come from that are not in the folder.
    pub(crate) source: Option<Arc<dyn FileSource>>,
    /// Nothing is requested from the source and from the IPFS node after this.
    pub(crate) deadline: Option<Instant>,
}

impl Store {
    /// Opens the store in this folder; creates the folder if it does not exist.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let store = Self {
            blocks: path.as_ref().join("blocks"),
            staging: path.as_ref().join("staging"),
            ipfs: None,
            source: None,
            deadline: None,
        };

        create_folder(&store.blocks)?;
        create_folder(&store.staging)?;
        Ok(store)
    }

    /// Adds an IPFS node, whose HTTP API is at `url`: it gets every block that is stored, and
    /// missing blocks are requested from it.
    #[must_use]
    pub fn with_ipfs(self, url: &str) -> Self {
        Self { ipfs: Some(Ipfs::with_url(url)), ..self }
    }

    /// Adds a source of files that are not in the folder. It is asked before the IPFS node.
    #[must_use]
    pub fn with_source(self, source: Arc<dyn FileSource>) -> Self {
        Self { source: Some(source), ..self }
    }

    /// Sets a deadline for requests to the source and to the IPFS node. After `until`, content that
    /// is not in the folder is an error.
    #[must_use]
    pub fn with_deadline(self, until: Instant) -> Self {
        Self { deadline: Some(until), ..self }
    }

    /// The store's folder.
    pub fn folder(&self) -> &Path {
        self.blocks.parent().unwrap_or(&self.blocks)
    }
}
