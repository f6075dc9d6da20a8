//! Content of a store over HTTP, for browsers: single blocks, in the form of a trustless IPFS
//! gateway.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /ipfs/CID?format=raw`, or with `Accept: application/vnd.ipld.raw` | the bytes of the block |
//! | `HEAD` of the same | whether the block is here |
//! | `PUT /ipfs/CID` with the bytes of a block | 204 if the bytes have that hash and were stored |
//!
//! A client verifies each block by its hash and reads a file from its root on, so this server need
//! not be trusted. It serves what the store's folder has, and searches nowhere else.
//!
//! | module | purpose |
//! | --- | --- |
//! | `routes` | the requests |
//! | `server` | the endpoint on a port of its own |
//! | `bounded_listener` | bounds its connections |
//! | `origin` | which pages may store blocks |
//! | `upload_budget` | how many bytes may be stored |

mod bounded_listener;
mod origin;
mod routes;
mod server;
mod upload_budget;

pub use origin::names_this_machine;
pub use routes::{BlockEndpoint, block_routes};
pub use server::ContentServer;
pub use upload_budget::UploadBudget;
