//! Who may do what with a job.
//!
//! The handshake proves both endpoint keys, but a node does not know whose endpoint dials it. So
//! the first message of each stream carries a [`Credential`]: a wallet's signature that names
//! the job and both endpoints of this connection, or a [`Grant`] of the job's client for somebody
//! else. Both are signatures over Solana off-chain messages, so they can never be transactions, and
//! wallets show the text. A visitor signs nothing: public ports are for everybody.
//!
//! | module | purpose |
//! | --- | --- |
//! | `off_chain` | the bytes of a Solana off-chain message |
//! | `request` | a wallet's request, bound to one connection for minutes |
//! | `rights` | what a grant allows |
//! | `grant` | a grant: its message and its signature |
//! | `grant_text` | a grant as one string |
//! | `credential` | each of them: on the wire, and against the parties of a job |

mod credential;
mod error;
mod grant;
mod grant_text;
mod off_chain;
mod request;
mod rights;

#[cfg(test)]
mod tests;

pub use credential::{Credential, JobParties, Permission, Verified};
pub use error::{AccessError, GrantError};
pub use grant::{Grant, MAX_GRANT_SECONDS};
pub use grant_text::GRANT_PREFIX;
pub use request::{AccessRequest, DEFAULT_REQUEST_SECONDS, MAX_REQUEST_SECONDS, Peers};
pub use rights::{MAX_GRANTED_PORTS, PortRights, Rights};
