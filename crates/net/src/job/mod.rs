//! The protocol `nosana/job/1`: the logs and ports of a running job.
//!
//! Each use has a stream of its own, opened by the client. Its first message is the opening:
//!
//! | bytes | content |
//! | --- | --- |
//! | | the [`Credential`](crate::access::Credential), which names the job |
//! | 1 | 1 for logs, 2 for a port |
//! | 8 or 2 | the position in the log from which to read, or the port |
//!
//! The node answers with a message: 0, or the code of a [`RefusalReason`] and a text of at most 300
//! bytes. Then the stream of a port carries the bytes of a TCP connection in both directions, and
//! the end of a direction is the end of that direction; a stream of logs carries frames, see
//! [`crate::logs`]. Streams that a grant opened are canceled when it expires.
//!
//! | module | purpose |
//! | --- | --- |
//! | `opening` | the first message, and the answer |
//! | `host` | what the service needs from a node |
//! | `service` | answers openings |
//! | `credentials` | who signs openings |
//! | `link` | a client's line to a node, made again when it was cut |

mod credentials;
mod error;
mod host;
mod link;
mod opening;
mod service;

pub use credentials::{CredentialSource, WalletCredentials};
pub use error::JobError;
pub use host::{HostError, JobHost};
pub use link::{JobLink, LinkStatus, RetryPolicy};
pub use opening::{JOB_ALPN, RefusalReason};
pub use service::{JobBounds, JobService};

pub(crate) use opening::StreamPurpose;
