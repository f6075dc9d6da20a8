//! How clients and nodes reach each other directly: QUIC connections that are dialed by public key,
//! on iroh.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`transport`] | endpoints, their keys and addresses, relays |
//! | [`access`] | who may use a job: requests of wallets, and grants for others |
//! | [`content`] | objects from peer to peer: `nosana/content/1` |
//! | [`job`] | logs and ports of a running job: `nosana/job/1` |
//! | [`logs`] | logs, streamed while they are written |
//! | [`forward`] | TCP connections over streams |
//! | `clock` | the time by which signatures expire |
//! | `stream` | messages on a stream |
//! | `wire` | reads the fields of a message |

pub mod access;
mod clock;
pub mod content;
pub mod forward;
pub mod job;
pub mod logs;
mod stream;
pub mod transport;
mod wire;

pub use clock::{Clock, SystemClock};
pub use stream::StreamError;
pub use wire::WireError;
