//! TCP connections over streams: one stream for each connection.
//!
//! Both directions end independently, as with TCP. If one side breaks the connection, the other
//! side's connection is broken too, never closed as if everything had arrived.
//!
//! | module | purpose |
//! | --- | --- |
//! | `pipe` | copies between a TCP connection and a stream |
//! | `port_stream` | the same for a program that speaks the port's protocol itself |
//! | `watch` | how long a visitor's connection may hold what it takes |
//! | `listener` | a port of this machine that leads to a port of a job |

mod listener;
mod pipe;
mod port_stream;
mod watch;

pub use listener::PortListener;
pub use port_stream::PortStream;

pub(crate) use pipe::pipe_tcp;
pub(crate) use watch::PipeBounds;
