//! Logs of jobs, streamed while they are written.
//!
//! A [`LogBuffer`] has the beginning and the end of a log. Writing never waits. A reader that is
//! slower than the writer loses the middle, and gets the number of lost bytes instead.
//!
//! On the wire, after the answer of the node, a log is a sequence of messages, each with the length
//! in 4 bytes, then a type in 1 byte:
//!
//! | type | body |
//! | --- | --- |
//! | 1 | the next bytes of the log, at most 64 KiB |
//! | 2 | the number of bytes that are left out here (8) |
//! | 3 | nothing: the log is complete |
//! | 4 | the number of the log (8), once and first: a job that runs again has another log |
//!
//! | module | purpose |
//! | --- | --- |
//! | `buffer` | what a node keeps of a log, and its readers |
//! | `send` | a log on a stream |
//! | `follow` | a log from a node, with reconnection |

mod buffer;
mod follow;
mod send;

pub use buffer::{LogBounds, LogBuffer, LogPart, LogReader};
pub use follow::LogFollower;

pub(crate) use send::send_log;
