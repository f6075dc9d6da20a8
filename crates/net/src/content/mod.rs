//! The protocol `nosana/content/1`: objects by their CIDv0, from peer to peer.
//!
//! An object is a UnixFS file as the store writes it: a tree of blocks of at most 2 MiB, each of
//! which is named by its SHA-256. Each request has a stream of its own, opened by the client.
//! Messages are those of [`StreamError`](crate::StreamError): a length of 4 bytes, then the body.
//!
//! | request | body |
//! | --- | --- |
//! | *have* | 1, number of objects (1 byte), their SHA-256 (32 each) |
//! | *get* | 2, credential, object (32), blocks to skip (8), largest size of the content (8) |
//! | *offer* | 3, credential, job (32), object (32), size of the content (8) |
//!
//! A credential is 0, or 1 and the [`Credential`](crate::access::Credential).
//!
//! | answer | body |
//! | --- | --- |
//! | to *have* | 0, a byte for each object: 1 if it is here and may be read |
//! | to *get* | 0, size of the content (8). The blocks follow, then the end of the stream |
//! | to *offer* | 0, blocks to skip (8). The client sends the blocks and ends the stream |
//! | after an offer | 0: the object is stored |
//!
//! Instead of 0, an answer begins with the code of a [`ContentRefusal`]. A block is a message.
//! Blocks follow each other in the order in which they are first needed: a node before
//! its children, children from left to right. So both sides know which block comes next, no names
//! are sent, and a transfer that was interrupted goes on after the blocks that have arrived.
//!
//! The receiver checks the hash of each block before it counts, the declared size before the
//! second block is read, and the bytes and the number of all blocks: they are bounded by the
//! declared size. What arrives is kept beside the store and enters it when it is complete. A peer
//! that sends a wrong block, sends more, or stalls is cut off, and what it sent is removed; only
//! after a lost connection it is kept, for the next attempt.
//!
//! | module | purpose |
//! | --- | --- |
//! | `message` | requests and answers |
//! | `admission` | who may read and offer what, and how much |
//! | `hold_budget` | the bytes that a holder keeps, in all and for each job |
//! | `tree` | the order of the blocks, and their bounds |
//! | `staged` | blocks that have arrived and are not in the store yet |
//! | `transfer` | sends and receives blocks |
//! | `bounds` | the bounds of a service and of transfers |
//! | `service` | answers requests |
//! | `client` | sends requests |
//! | `rank` | the order in which holders of a job are asked |

mod admission;
mod bounds;
mod client;
mod error;
mod hold_budget;
mod message;
mod rank;
mod service;
mod staged;
mod transfer;
mod tree;

pub use admission::{Admission, Requester, Reservation};
pub use bounds::ContentBounds;
pub use client::{ContentClient, OfferOutcome};
pub use error::ContentError;
pub use hold_budget::{HeldBytes, HoldBudget};
pub use message::{CONTENT_ALPN, ContentOffer, ContentRefusal, MAX_QUERIED_OBJECTS};
pub use rank::rank_holders;
pub use service::ContentService;
pub use tree::{TreeError, max_stored_bytes};
