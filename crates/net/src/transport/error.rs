//! Errors of endpoints and their addresses.

use std::net::SocketAddr;
use std::path::PathBuf;

/// A failure to create an endpoint or to reach another one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// The file system returned an error about the key.
    #[error("cannot {action} {path}: {source}; check that the folder exists and is writable")]
    KeyFile {
        /// The failed action, as a verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The file of the key is not one that this crate wrote.
    #[error(
        "{path} is not a valid endpoint key: {problem}; restore it, or delete it to get a new \
         endpoint, which a node must announce again"
    )]
    InvalidKey {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Other users of this machine can read the key.
    #[error(
        "{path} has the mode {mode:03o}, so other users can act as this endpoint; run \
         `chmod 600 {path}`, or delete it to get a new key"
    )]
    ExposedKey {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The endpoint's sockets cannot be bound.
    #[error("cannot bind the network endpoint: {problem}; choose another port, or port 0")]
    Bind {
        /// Why it failed.
        problem: String,
    },
    /// No connection to the relay within the time.
    #[error(
        "no relay answered within {seconds} s; check the relay's URL and that outgoing HTTPS \
         connections are allowed"
    )]
    NoRelay {
        /// The time, in seconds.
        seconds: u64,
    },
    /// The other endpoint cannot be reached.
    #[error(
        "cannot connect to {peer}: {problem}; check that it is running, and that one of its \
         addresses or its relay can be reached from here"
    )]
    Connect {
        /// The other endpoint.
        peer: String,
        /// Why it failed.
        problem: String,
    },
    /// The endpoint was closed.
    #[error("this endpoint was closed; bind a new one")]
    Closed,
    /// An address is not valid, or is not dialed.
    #[error(transparent)]
    Address(#[from] AddressError),
}

/// An address of a node that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// The bytes are not a valid endpoint id.
    #[error("`{0}` is not a valid endpoint id; it has 64 hexadecimal digits")]
    Endpoint(String),
    /// Not a URL of a relay.
    #[error("`{url}` is not a valid relay URL: {problem}")]
    Relay {
        /// The URL.
        url: String,
        /// What is wrong, and what to do.
        problem: &'static str,
    },
    /// Not an address at which a node can be reached.
    #[error("`{address}` is not a valid public address: {problem}")]
    Socket {
        /// The address.
        address: String,
        /// What is wrong, and what to do.
        problem: &'static str,
    },
    /// A relay that others do not dial.
    #[error(
        "clients on the Internet do not dial the relay `{0}`, because it has no HTTPS or no public \
         name; use one such as `https://relay.example.com`, or the public ones"
    )]
    UndialedRelay(String),
    /// A public address that others do not dial.
    #[error(
        "clients on the Internet do not dial `{0}`, because it is an address of a private network, \
         of this machine or for special purposes; give the one at which they reach this machine, \
         or leave it out and use a relay"
    )]
    UndialedSocket(SocketAddr),
    /// The endpoint that dials uses no relay.
    #[error(
        "`{0}` is reached over a relay alone, and this endpoint uses none; allow relays, or use a \
         node with a public address"
    )]
    RelayAlone(String),
    /// More socket addresses than an account holds.
    #[error("{count} public addresses are more than an account holds; give at most {limit}")]
    TooMany {
        /// The number of addresses.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// The account's bytes are not an address.
    #[error("the account does not hold a valid node address: {0}")]
    Account(&'static str),
    /// The text names two relays.
    #[error("`{0}` names two relays; a node has one home relay")]
    TwoRelays(String),
}
