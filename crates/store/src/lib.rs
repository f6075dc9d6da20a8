//! Content-addressed storage on disk, shared with an IPFS node if one is configured.
//!
//! [`Store`] is a folder of IPFS blocks. The name of a block is its hash, so every read checks that
//! the bytes are the ones that the chain names.
//!
//! | module | purpose |
//! | --- | --- |
//! | `store` | the folder, and the IPFS node behind it |
//! | `write`, `read` | files: bytes to blocks, and blocks to bytes |
//! | `json` | JSON files, among them job definitions |
//! | `blocks` | single blocks, on disk and from the IPFS node |
//! | `source` | other places where files come from |
//! | `garbage` | removes blocks that are no longer used |
//! | `folder` | creates folders and makes their entries durable |
//! | `ipfs` | the HTTP API of an IPFS node |

mod blocks;
mod error;
mod folder;
mod garbage;
mod ipfs;
mod json;
mod read;
mod source;
mod store;
mod write;

pub use error::StoreError;
pub use garbage::Collected;
pub use ipfs::MAX_BLOCK_BYTES;
pub use json::{MAX_JSON_BYTES, find_json_id};
pub use source::FileSource;
pub use store::Store;
