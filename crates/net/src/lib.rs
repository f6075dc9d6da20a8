//! How clients and nodes reach each other directly: QUIC connections that are dialed by public key,
//! on iroh.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`transport`] | endpoints, their keys and addresses, relays |
//! | [`access`] | who may use a job: requests of wallets, and grants for others |
//! | [`content`] | objects from peer to peer: `nosana/content/1` |
//! | [`directory`] | where nodes can be reached, as the chain says |
//! | [`exchange`] | content of jobs, from the nodes that have it and to those that keep it |
//! | [`holding`] | what a node keeps for others |
//! | [`job`] | logs and ports of a running job: `nosana/job/1` |
//! | [`logs`] | logs, streamed while they are written |
//! | [`forward`] | TCP connections over streams |
//! | `files` | the open files of this process |
//! | `clock` | the time by which signatures expire |
//! | `rate` | bounds how often something happens |
//! | `seats` | bounds for each peer or job |
//! | `stream` | messages on a stream |
//! | `wire` | reads the fields of a message |

pub mod access;
mod clock;
pub mod content;
pub mod directory;
pub mod exchange;
mod files;
pub mod forward;
pub mod holding;
pub mod job;
pub mod logs;
mod rate;
mod seats;
mod stream;
pub mod transport;
mod wire;

pub use clock::{Clock, SystemClock};
pub use files::raise_file_limit;
pub use rate::RateLimit;
pub use stream::StreamError;
pub use wire::WireError;
