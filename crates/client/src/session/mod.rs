//! A connection to a Solana node: sends transactions, reads and follows accounts.
//!
//! | file | purpose |
//! | --- | --- |
//! | `send`, `message`, `confirm`, `receipt` | a transaction: send it, compile it, confirm it, read it |
//! | `simulate`, `loaded_limit` | its simulation, and the limits that follow from it |
//! | `newest_slot` | the slot that a read must have reached |
//! | `history` | the transactions of an account |
//! | `read`, `holder`, `access` | accounts, and searches for them |
//! | `follow_account` | updates of an account |
//! | `subscribe`, `socket`, `websocket_url` | subscriptions over the websocket; its address |
//! | `list_job` | listing a job in one call |
//! | `dispute_step` | instructions that move disputes on |
//! | `airdrop` | SOL from the cluster's faucet |
//! | `retry` | repeated requests |

mod access;
mod airdrop;
mod confirm;
mod dispute_step;
mod follow_account;
mod history;
mod holder;
mod list_job;
mod loaded_limit;
mod message;
mod newest_slot;
mod read;
mod receipt;
mod retry;
mod send;
mod simulate;
mod socket;
mod subscribe;
#[cfg(test)]
mod tests;
mod websocket_url;

use std::{fmt, sync::Arc, time::Duration};

use solana_commitment_config::CommitmentConfig;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;

pub use self::{
    access::AccessToken,
    follow_account::AccountUpdate,
    history::{PastTransaction, TransactionDetails},
    holder::JobHolder,
    loaded_limit::{MAX_LOADED_BYTES, choose_loaded_limit},
    message::Signers,
    read::{Clock, Filter},
    receipt::{Confirmation, Receipt},
    send::SendOptions,
    simulate::choose_unit_limit,
    subscribe::{Subscription, TransactionLogs},
    websocket_url::websocket_url,
};
use self::{newest_slot::NewestSlot, socket::Socket};
use crate::error::ClientError;

/// Attempts after the first one, with delays of 0.1, 0.2, 0.4, 0.8 and 1.6 seconds and jitter, so
/// that clients do not retry in lockstep.
const MAX_RETRIES: usize = 5;
/// The time limit of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection to a node. Clones share it.
#[derive(Clone)]
pub struct Session {
    rpc: Arc<RpcClient>,
    socket: Arc<Socket>,
    commitment: CommitmentConfig,
    newest_slot: NewestSlot,
    max_retries: usize,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("rpc", &self.rpc.url())
            .field("commitment", &self.commitment)
            .finish()
    }
}

impl Session {
    /// Connects to a node, and checks that it answers. The websocket is opened when it is first
    /// used.
    ///
    /// Reads and confirms at the commitment `confirmed`; [`Self::with_commitment`] changes it. No
    /// read of accounts is older than a transaction that this session confirmed in the last minute.
    ///
    /// # Errors
    /// If the node does not answer.
    pub async fn connect(rpc_url: &str, websocket_url: &str) -> Result<Self, ClientError> {
        let session = Self::new(rpc_url, websocket_url);
        session.call_node("requesting its version", || session.rpc.get_version()).await?;
        Ok(session)
    }

    /// Creates a session without a request to the node.
    pub fn new(rpc_url: &str, websocket_url: &str) -> Self {
        let commitment = CommitmentConfig::confirmed();
        let rpc = RpcClient::new_with_timeout_and_commitment(
            rpc_url.to_owned(),
            REQUEST_TIMEOUT,
            commitment,
        );

        Self {
            rpc: Arc::new(rpc),
            socket: Arc::new(Socket::new(websocket_url)),
            commitment,
            newest_slot: NewestSlot::default(),
            max_retries: MAX_RETRIES,
        }
    }

    /// Returns a session on this connection that reads and confirms at another commitment. It does
    /// not wait for the transactions of the other session: at `finalized` that takes 13 seconds.
    pub fn with_commitment(&self, commitment: CommitmentConfig) -> Self {
        Self { commitment, newest_slot: NewestSlot::default(), ..self.clone() }
    }

    /// Returns a session on this connection that repeats a request at most so many times while the
    /// node does not answer. Repeating what strangers cause uses up a quota faster.
    pub fn with_max_retries(&self, max_retries: usize) -> Self {
        Self { max_retries, ..self.clone() }
    }

    /// Opens the websocket, unless it is open.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn open_websocket(&self) -> Result<(), ClientError> {
        self.socket.get().await.map(drop)
    }

    /// The commitment at which the session reads and confirms.
    pub const fn commitment(&self) -> CommitmentConfig {
        self.commitment
    }

    /// The RPC client, for other methods. It has a default commitment of its own: pass
    /// [`Self::commitment`].
    pub fn rpc(&self) -> &RpcClient {
        &self.rpc
    }
}
