//! What can go wrong with stored content, and what to do about it.

use std::path::PathBuf;

use nosana_job_spec::{ContentId, DefinitionError, Digest};

/// A failure of the content store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file system refused.
    #[error(
        "cannot {action} {path}: {source}; check that the folder exists, is writable and has free space"
    )]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A block is not there.
    #[error(
        "{block} is not in this store ({path} does not exist); fetch it from whoever published it, or put it again"
    )]
    NotFound {
        /// The missing block.
        block: ContentId,
        /// The file that would hold it.
        path: PathBuf,
    },
    /// A block's bytes are not the ones its name promises.
    #[error(
        "{path} is corrupted: its content hashes to {actual}, not to {expected}; delete the file, check the disk, \
         and put the content again"
    )]
    Corrupted {
        /// The damaged file.
        path: PathBuf,
        /// The digest that names the block.
        expected: Digest,
        /// The digest of what was read.
        actual: Digest,
    },
    /// The IPFS node did not do what was asked.
    #[error(
        "the IPFS node at {url} did not {action}: {problem}; start it, name another with --ipfs, or do without one"
    )]
    Ipfs {
        /// What was asked, as a verb.
        action: &'static str,
        /// Where its API is.
        url: String,
        /// What it said, or why it could not be reached.
        problem: String,
    },
    /// The IPFS node sent other bytes than it was asked for.
    #[error("the IPFS node sent another block than {id}; ask another node with --ipfs")]
    Forged {
        /// What was asked for.
        id: ContentId,
    },
    /// The content is larger than the reader or the store accepts.
    #[error(
        "{what} has {size_bytes} bytes, more than the limit of {limit_bytes}; raise the limit or send less"
    )]
    TooLarge {
        /// What was measured.
        what: String,
        /// Its size in bytes, as declared or as counted so far.
        size_bytes: u64,
        /// The most that was allowed, in bytes.
        limit_bytes: u64,
    },
    /// The block is genuine but is not a file that this store can read.
    #[error("{id} is not a file: {reason}; only UnixFS files with sha2-256 links can be read")]
    NotAFile {
        /// What was asked for.
        id: ContentId,
        /// Why it cannot be read.
        reason: String,
    },
    /// The content is not the JSON that was expected.
    #[error("{id} is not the expected JSON: {source}; compare it with the documented schema")]
    Json {
        /// What was read.
        id: ContentId,
        /// Where the parser stopped.
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
    /// The UnixFS writer made no block; even an empty file has one.
    #[error("the UnixFS writer made no block; this is a bug, please report it")]
    NoRoot,
    /// A value cannot be written as JSON.
    #[error("this value cannot be written as JSON: {0}; this is a bug in the caller's type")]
    Unwritable(serde_json::Error),
}
