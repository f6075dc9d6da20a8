//! Why content of a job cannot be fetched.

use nosana_client::ClientError;

use crate::content::ContentError;

/// A fetch that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The chain could not be read.
    #[error("cannot read which nodes could have it: {0}")]
    Chain(#[from] ClientError),
    /// The time was over before the chain could be read.
    #[error(
        "cannot read which nodes could have it: the RPC server did not answer in time; try again, \
         or use another server"
    )]
    ChainSilent,
    /// No node has announced an address.
    #[error(
        "no other node of this network says where it can be reached, and nobody has brought it \
         here; share the folder of the store, or an IPFS node, with the other side"
    )]
    NoNodes,
    /// The job is private, and no node has started it.
    #[error("the job is private, and no node has it: only the node that starts it gets content")]
    NoPrivateNode,
    /// The job is private, and its node did not deliver.
    #[error(
        "the job is private, so only its node has this, and the node did not deliver it{detail}; \
         try again later, as the client or the payer of the job"
    )]
    OnlyNode {
        /// The last problem, in parentheses.
        detail: String,
    },
    /// No node had it in time.
    #[error(
        "{}, and none has it{detail}; the one that stores it must be reachable: try again later",
        count_asked(.asked)
    )]
    NotFound {
        /// How many nodes were asked.
        asked: usize,
        /// The last problem, in parentheses; empty if they only do not have it.
        detail: String,
    },
    /// A node has it, and had no place for this transfer.
    #[error(
        "{}, and those that have it were busy{detail}; try again later",
        count_asked(.asked)
    )]
    Busy {
        /// How many nodes were asked.
        asked: usize,
        /// The last problem, in parentheses.
        detail: String,
    },
    /// The only node that was asked did not answer.
    #[error(
        "the only node that was asked did not answer{detail}; it may be offline, or out of this \
         machine's reach: try again later"
    )]
    Silent {
        /// The last problem, in parentheses; empty if the time was over.
        detail: String,
    },
    /// None of several nodes answered: this machine is the one that is away.
    #[error("{asked} nodes were asked, and none answered{detail}; check this machine's network")]
    NoAnswer {
        /// How many nodes were asked.
        asked: usize,
        /// The last problem, in parentheses.
        detail: String,
    },
    /// A node has it, and this machine cannot keep it.
    #[error(transparent)]
    Storage(Box<ContentError>),
}

fn count_asked(asked: &usize) -> String {
    match asked {
        1 => "1 node was asked".to_owned(),
        asked => format!("{asked} nodes were asked"),
    }
}
