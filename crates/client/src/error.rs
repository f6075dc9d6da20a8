//! What can go wrong, and what to do about it.

use solana_address::Address;
use solana_rpc_client_api::client_error::{Error as RpcError, ErrorKind, TransactionError};
use solana_signature::Signature;
use thiserror::Error;

use crate::{codec::DecodeError, failure::ProgramError};

/// Why the client could not do what was asked.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The node does not answer.
    #[error(
        "the RPC node does not answer ({doing}): {source}. Check its address and the network, then try again"
    )]
    Unreachable {
        /// What the client was about to do.
        doing: &'static str,
        /// The last attempt's error.
        #[source]
        source: Box<RpcError>,
    },
    /// The node answers that it will not.
    #[error("the RPC node refuses ({doing}): {message}")]
    Refused {
        /// What the client was about to do.
        doing: &'static str,
        /// The node's words.
        message: String,
    },
    /// The websocket fails.
    #[error("the websocket at {url} fails: {message}. Its port is usually the RPC port plus one")]
    Socket {
        /// The websocket's address.
        url: String,
        /// What happened.
        message: String,
    },
    /// A program refuses: one of ours, or one that ours call.
    #[error(transparent)]
    Program(Box<ProgramError>),
    /// The runtime refuses.
    #[error("the transaction fails: {error}. {advice}")]
    Transaction {
        /// The runtime's error.
        error: TransactionError,
        /// What to do.
        advice: &'static str,
        /// The transaction's logs, as far as the node has them.
        logs: Vec<String>,
        /// The transaction, if it has been sent. Empty if it failed in the simulation.
        signature: Option<Signature>,
    },
    /// The transaction never landed, and no longer can.
    #[error(
        "transaction {signature} expired: nothing happened. Send it again; a higher priority fee may help"
    )]
    Expired {
        /// The transaction.
        signature: Signature,
    },
    /// The node was lost while the transaction was under way.
    #[error(
        "the node was lost while {signature} was under way: {source}. Look it up before you send it again"
    )]
    Unknown {
        /// The transaction.
        signature: Signature,
        /// What happened to the connection.
        #[source]
        source: Box<ClientError>,
    },
    /// The transaction landed, but the node does not tell more.
    #[error(
        "transaction {signature} succeeded, but the node keeps no details of it: use a node that keeps history"
    )]
    NoDetails {
        /// The transaction.
        signature: Signature,
    },
    /// A signature is needed that nobody can give.
    #[error("{address} must sign: add its keypair to the signers")]
    MissingSigner {
        /// Who must sign.
        address: Address,
    },
    /// The transaction does not fit into a packet.
    #[error(
        "the transaction has {bytes} bytes, and a packet {limit}: send fewer instructions at once"
    )]
    TooLarge {
        /// Its bytes.
        bytes: usize,
        /// Bytes that fit.
        limit: usize,
    },
    /// The account is not there.
    #[error("there is no {what} at {address}: check the address and the cluster")]
    NoAccount {
        /// The type that was asked for.
        what: &'static str,
        /// Where.
        address: Address,
    },
    /// The account belongs to another program.
    #[error("{address} is no {what}: program {owner} owns it")]
    WrongOwner {
        /// The type that was asked for.
        what: &'static str,
        /// Where.
        address: Address,
        /// The account's owner.
        owner: Address,
    },
    /// The account's data cannot be read.
    #[error("cannot read the {what} at {address}: {source}")]
    Decode {
        /// The type that was asked for.
        what: &'static str,
        /// Where.
        address: Address,
        /// What is wrong with the data.
        #[source]
        source: DecodeError,
    },
    /// The request makes no sense.
    #[error("{what}")]
    Request {
        /// What is wrong, and what to do.
        what: String,
    },
}

impl ClientError {
    /// The error of a call to the node.
    pub(crate) fn rpc(doing: &'static str, error: RpcError) -> Self {
        match error.kind() {
            ErrorKind::Io(_) | ErrorKind::Reqwest(_) | ErrorKind::Middleware(_) => {
                Self::Unreachable { doing, source: Box::new(error) }
            }
            kind => Self::Refused { doing, message: kind.to_string() },
        }
    }

    /// The program's refusal, if it is one.
    pub fn program(&self) -> Option<&ProgramError> {
        match self {
            Self::Program(error) => Some(error),
            _ => None,
        }
    }

    /// The logs of the failed transaction, if there is one.
    pub fn logs(&self) -> &[String] {
        match self {
            Self::Program(error) => &error.logs,
            Self::Transaction { logs, .. } => logs,
            _ => &[],
        }
    }
}
