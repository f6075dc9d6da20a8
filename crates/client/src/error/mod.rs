//! Errors of the client: what failed, why, and what to do next.

mod advice;
mod shortage;

use solana_address::Address;
use solana_instruction::error::InstructionError;
use solana_rpc_client_api::client_error::{
    Error as RpcError, ErrorKind, TransactionError, reqwest,
};
use solana_signature::Signature;
use thiserror::Error;

pub use self::shortage::SolShortage;
use crate::{
    codec::DecodeError,
    failure::{ProgramError, describe_error, program_name},
    logs,
};

/// An error of the client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The RPC node does not answer.
    #[error(
        "the RPC node does not answer ({doing}): {source}; \
         check its address and the network, then try again"
    )]
    Unreachable {
        /// The request.
        doing: &'static str,
        /// The error of the last attempt.
        #[source]
        source: Box<RpcError>,
    },
    /// The RPC node rejects the request.
    #[error("the RPC node rejects the request ({doing}): {message}")]
    Refused {
        /// The request.
        doing: &'static str,
        /// The node's message.
        message: String,
    },
    /// This machine's clock has no time that distinguishes one job from the next.
    #[error(
        "this machine's clock is wrong, and jobs are numbered by it: set it, for instance by NTP \
         (`timedatectl set-ntp 1`)"
    )]
    WrongClock,
    /// The websocket fails.
    #[error("the websocket at `{url}` fails: {message}; its port is usually the RPC port plus one")]
    Socket {
        /// The websocket's address.
        url: String,
        /// The error message.
        message: String,
    },
    /// A program refuses the transaction: a Nosana program, or one that it calls.
    #[error(transparent)]
    Program(Box<ProgramError>),
    /// The runtime refuses the transaction.
    #[error("the transaction fails: {error}; {advice}")]
    Transaction {
        /// The runtime's error.
        error: TransactionError,
        /// What to do.
        advice: &'static str,
        /// The transaction's logs; empty if the node does not have them.
        logs: Vec<String>,
        /// The transaction, if it was sent; `None` if it failed in the simulation.
        signature: Option<Signature>,
    },
    /// The transaction did not land, and no longer can.
    #[error(
        "transaction `{signature}` expired without effect; \
         send it again, with a higher priority fee if this repeats"
    )]
    Expired {
        /// The transaction.
        signature: Signature,
    },
    /// The connection to the node failed before the transaction's outcome was known.
    #[error(
        "the outcome of transaction `{signature}` is unknown: {source}; \
         look it up before you send it again"
    )]
    Unknown {
        /// The transaction.
        signature: Signature,
        /// The error of the connection.
        #[source]
        source: Box<ClientError>,
    },
    /// The transaction landed, but the node has no details of it.
    #[error(
        "transaction `{signature}` succeeded, but the node keeps no details of it; \
         use a node that keeps history"
    )]
    NoDetails {
        /// The transaction.
        signature: Signature,
    },
    /// A required signer is missing.
    #[error("`{address}` must sign; add its keypair to the signers")]
    MissingSigner {
        /// The required signer.
        address: Address,
    },
    /// The transaction does not fit into a packet.
    #[error(
        "the transaction has {bytes} bytes and a packet holds {limit}; \
         send fewer instructions at once"
    )]
    TooLarge {
        /// Bytes of the transaction.
        bytes: usize,
        /// Bytes of a packet.
        limit: usize,
    },
    /// The account does not exist.
    #[error("cannot find the {what} at `{address}`; check the address and the cluster")]
    NoAccount {
        /// The requested type.
        what: &'static str,
        /// The account's address.
        address: Address,
    },
    /// The account belongs to another program.
    #[error("the account `{address}` is not a {what}: program `{owner}` owns it")]
    WrongOwner {
        /// The requested type.
        what: &'static str,
        /// The account's address.
        address: Address,
        /// The account's owner.
        owner: Address,
    },
    /// The account's data cannot be decoded.
    #[error("cannot decode the {what} at `{address}`: {source}")]
    Decode {
        /// The requested type.
        what: &'static str,
        /// The account's address.
        address: Address,
        /// The reason.
        #[source]
        source: DecodeError,
    },
    /// The request is not valid.
    #[error("{what}")]
    Request {
        /// What is wrong, and what to do.
        what: String,
    },
}

/// A transaction that failed, in the simulation or on chain.
pub(crate) struct FailedTransaction<'a> {
    /// The runtime's error.
    pub error: TransactionError,
    /// The transaction's logs; empty if the node does not have them.
    pub logs: Vec<String>,
    /// The transaction, if it was sent.
    pub signature: Option<Signature>,
    /// Programs of the caller's instructions.
    pub programs: &'a [Address],
    /// Instructions that the client put before the caller's.
    pub prefix_len: usize,
}

impl ClientError {
    /// The error of a call to the RPC node, without its URL: that often has a key in it, and nodes
    /// publish why they give jobs back.
    pub(crate) fn from_rpc(doing: &'static str, error: RpcError) -> Self {
        let RpcError { request, kind } = error;

        let kind = match *kind {
            ErrorKind::Reqwest(error) => ErrorKind::Reqwest(error.without_url()),
            ErrorKind::Middleware(error) => match error.downcast::<reqwest::Error>() {
                Ok(error) => ErrorKind::Reqwest(error.without_url()),
                Err(error) => ErrorKind::Middleware(error),
            },
            kind => kind,
        };
        match kind {
            ErrorKind::Reqwest(error) if is_rejection(&error) => {
                Self::Refused { doing, message: error.to_string() }
            }
            ErrorKind::Io(_) | ErrorKind::Reqwest(_) | ErrorKind::Middleware(_) => {
                let source = Box::new(RpcError { request, kind: Box::new(kind) });
                Self::Unreachable { doing, source }
            }
            kind => Self::Refused { doing, message: kind.to_string() },
        }
    }

    /// The error of a failed transaction.
    pub(crate) fn from_failure(failed: FailedTransaction<'_>) -> Self {
        let FailedTransaction { error, logs, signature, programs, prefix_len } = failed;
        let TransactionError::InstructionError(index, InstructionError::Custom(code)) = error
        else {
            let advice = advice::find_advice(&error);
            return Self::Transaction { error, advice, logs, signature };
        };

        // The innermost program that failed, which the caller's own may have called.
        let instruction = usize::from(index).saturating_sub(prefix_len);
        let called = programs.get(instruction).copied();
        let program = logs::find_failed_program(&logs).or(called).unwrap_or_default();

        let (name, message) = describe_error(&program, code);
        Self::Program(Box::new(ProgramError {
            program,
            program_name: program_name(&program),
            code,
            name,
            message,
            instruction,
            logs,
            signature,
        }))
    }

    /// Returns the program's error, if a program refused the transaction.
    pub fn program(&self) -> Option<&ProgramError> {
        match self {
            Self::Program(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the logs of the failed transaction; empty if there are none.
    pub fn logs(&self) -> &[String] {
        match self {
            Self::Program(error) => &error.logs,
            Self::Transaction { logs, .. } => logs,
            _ => &[],
        }
    }
}

/// Whether the node has answered that it does not accept the request, by a status of HTTP. Some
/// answer so to a request for more accounts than the client's plan allows. One that limits the rate
/// accepts it later.
fn is_rejection(error: &reqwest::Error) -> bool {
    error.status().is_some_and(|status| status.is_client_error() && status != 429)
}
