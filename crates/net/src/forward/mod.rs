//! TCP connections over streams: one stream for each connection.
//!
//! Both directions end independently, as with TCP. If one side breaks the connection, the other
//! side's connection is broken too, never closed as if everything had arrived.
//!
//! | module | purpose |
//! | --- | --- |
//! | `pipe` | copies between a TCP connection and a stream |
//! | `listener` | a port of this machine that leads to a port of a job |

mod listener;
mod pipe;

pub use listener::PortListener;

pub(crate) use pipe::pipe_tcp;
