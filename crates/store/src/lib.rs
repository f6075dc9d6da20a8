//! Content-addressed storage on disk, shared with an IPFS node where one is configured.
//!
//! [`Store`] is a folder of IPFS blocks. The name of a block is its hash, so every read can check
//! that the bytes are the ones that the chain names.

mod definition;
mod error;
mod garbage;
mod ipfs;
mod store;

pub use error::StoreError;
pub use garbage::Collected;
pub use store::{MAX_BLOCK_BYTES, MAX_JSON_BYTES, Store};
