//! How clients and nodes reach each other directly: QUIC connections that are dialed by public key,
//! on iroh.
//!
//!
//! | module | purpose |
//! | --- | --- |
//! | [`transport`] | endpoints, their keys and addresses, relays |
//! | `stream` | messages on a stream |
//! | `wire` | reads the fields of a message |

mod stream;
pub mod transport;
mod wire;

pub use stream::StreamError;
pub use wire::WireError;
