//! Errors of the content store.

use std::path::{Path, PathBuf};

use nosana_job_spec::{ContentId, DefinitionError, Digest};

/// A failure of the content store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file system returned an error.
    #[error(
        "cannot {action} {path}: {source}; check that the folder exists, is writable and has free \
         space"
    )]
    Io {
        /// The failed action, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A block is missing.
    #[error(
        "{block} is not in this store ({path} does not exist); fetch it from its publisher, or \
         store it again"
    )]
    NotFound {
        /// The missing block.
        block: ContentId,
        /// The file that would hold it.
        path: PathBuf,
    },
    /// A block's bytes do not have the digest that is its name.
    #[error(
        "{path} is corrupted: its content hashes to {actual}, not to {expected}; delete the file, \
         check the disk, and store the content again"
    )]
    Corrupted {
        /// The damaged file.
        path: PathBuf,
        /// The digest that names the block.
        expected: Digest,
        /// The digest of what was read.
        actual: Digest,
    },
    /// A call to the IPFS node failed.
    #[error(
        "the IPFS node at {url} did not {action}: {problem}; start it, name another with --ipfs, \
         or omit --ipfs"
    )]
    Ipfs {
        /// The requested action, as a verb.
        action: &'static str,
        /// The URL of its API.
        url: String,
        /// Its error, or why it could not be reached.
        problem: String,
        /// Whether no connection to it could be made.
        is_away: bool,
    },
    /// This machine cannot ask others for the file, or cannot keep it.
    #[error("this machine cannot get {id}: {problem}")]
    Unable {
        /// The file.
        id: ContentId,
        /// Why, and what to do.
        problem: String,
    },
    /// No other machine has delivered the file.
    #[error("no node has delivered {id}: {problem}")]
    Source {
        /// The file.
        id: ContentId,
        /// What was tried, and what to do.
        problem: String,
    },
    /// The IPFS node returned a block with another hash.
    #[error("the IPFS node returned another block than {id}; name another node with --ipfs")]
    Forged {
        /// The requested block.
        id: ContentId,
    },
    /// The content is larger than the reader or the store accepts.
    #[error(
        "{what} has {size_bytes} bytes, more than the limit of {limit_bytes}; raise the limit or \
         send less"
    )]
    TooLarge {
        /// The content.
        what: String,
        /// Its size in bytes, as declared or counted so far.
        size_bytes: u64,
        /// The limit, in bytes.
        limit_bytes: u64,
    },
    /// The block has the right hash, but it is not a file that this store can read.
    #[error("{id} is not a file: {reason}; only UnixFS files with sha2-256 links can be read")]
    NotAFile {
        /// The requested file.
        id: ContentId,
        /// Why it cannot be read.
        reason: String,
    },
    /// The content is not JSON of the expected type.
    #[error("{id} is not the expected JSON: {source}; compare it with the documented schema")]
    Json {
        /// The file.
        id: ContentId,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// The content is not a valid job definition.
    #[error("the job definition {id} is not valid: {source}")]
    Definition {
        /// The definition.
        id: ContentId,
        /// The first problem.
        source: Box<DefinitionError>,
    },
    /// The UnixFS writer returned no block; even an empty file has one.
    #[error("the UnixFS writer returned no block; this is a bug, please report it")]
    NoRoot,
    /// A value cannot be written as JSON.
    #[error("this value cannot be written as JSON: {0}; this is a bug in the caller's type")]
    Unwritable(serde_json::Error),
}

impl StoreError {
    /// Whether this machine is the reason: others may have the content, and can read it.
    pub const fn is_own_trouble(&self) -> bool {
        match self {
            Self::Io { .. }
            | Self::Corrupted { .. }
            | Self::Unable { .. }
            | Self::Ipfs { is_away: true, .. } => true,
            Self::NotFound { .. }
            | Self::Ipfs { is_away: false, .. }
            | Self::Source { .. }
            | Self::Forged { .. }
            | Self::TooLarge { .. }
            | Self::NotAFile { .. }
            | Self::Json { .. }
            | Self::Definition { .. }
            | Self::NoRoot
            | Self::Unwritable(_) => false,
        }
    }
}

/// Adds the action and the path to an error of the file system.
pub(crate) fn io_error<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> StoreError + use<'a> {
    move |source| StoreError::Io { action, path: path.to_owned(), source }
}
