//! The protocol `nosana/job/1`: the logs and ports of a running job.
//!
//! Each use has a stream of its own, opened by the client. Its first message is the opening:
//!
//! | bytes | content |
//! | --- | --- |
//! | | the [`Credential`](crate::access::Credential), which names the job |
//! | 1 | 1 for logs, 2 for a port, 3 for the list of ports |
//! | 8, 2 or 0 | the position in the log from which to read, or the port |
//!
//! The node answers with a message: 0, or the code of a [`RefusalReason`] and a text of at most 300
//! bytes. Then the stream of a port carries the bytes of a TCP connection in both directions, and
//! the end of a direction is the end of that direction; a stream of logs carries frames, see
//! [`crate::logs`]; the list of ports is one more message, see `ports`. Streams that a grant opened
//! are canceled when it expires. A visitor, who has no credential of a wallet, gets the ports that
//! the definition makes public, and nothing else.
//!
//! | module | purpose |
//! | --- | --- |
//! | `opening` | the first message, and the answer |
//! | `host` | what the service needs from a node |
//! | `ports` | the list of ports |
//! | `service` | answers openings |
//! | `standing` | what a connection has been admitted for |
//! | `visitors` | how much visitors may use at once |
//! | `credentials` | who signs openings |
//! | `line` | a connection to a node, made again when it was cut |
//! | `link` | a client's line to the node of its job |
//! | `visitor_line` | a visitor's line to a node |

mod credentials;
mod error;
mod host;
mod line;
mod link;
mod opening;
mod ports;
mod service;
mod standing;
mod visitor_line;
mod visitors;

pub use credentials::{CredentialSource, WalletCredentials};
pub use error::JobError;
pub use host::{HostError, JobHost, PortStatus, PortUser};
pub use link::{JobLink, LinkStatus, RetryPolicy};
pub use opening::{JOB_ALPN, RefusalReason};
pub use service::{JobBounds, JobService};
pub use visitor_line::VisitorLine;
pub use visitors::VisitorBounds;

pub(crate) use opening::StreamPurpose;
