//! A connection to a Solana node: sends transactions, reads and follows accounts.
//!
//! | file | purpose |
//! | --- | --- |
//! | `send`, `message`, `confirm`, `receipt` | a transaction: send it, compile it, confirm it, read it |
//! | `history` | the transactions of an account |
//! | `read`, `holder`, `access` | accounts, and searches for them |
//! | `follow_account` | updates of an account |
//! | `subscribe`, `socket`, `websocket_url` | subscriptions over the websocket; its address |
//! | `airdrop` | SOL from the cluster's faucet |
//! | `retry` | repeated requests |

mod access;
mod airdrop;
mod confirm;
mod follow_account;
mod history;
mod holder;
mod message;
mod read;
mod receipt;
mod retry;
mod send;
mod socket;
mod subscribe;
#[cfg(test)]
mod tests;
mod websocket_url;

use std::{fmt, sync::Arc, time::Duration};

use solana_commitment_config::CommitmentConfig;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;

use self::socket::Socket;
pub use self::{
    access::AccessToken,
    follow_account::AccountUpdate,
    history::{PastTransaction, TransactionDetails},
    holder::JobHolder,
    message::Signers,
    read::{Clock, Filter},
    receipt::{Confirmation, Receipt},
    send::SendOptions,
    subscribe::{Subscription, TransactionLogs},
    websocket_url::websocket_url,
};
use crate::error::ClientError;

/// The time limit of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection to a node. Clones share it.
#[derive(Clone)]
pub struct Session {
    rpc: Arc<RpcClient>,
    socket: Arc<Socket>,
    commitment: CommitmentConfig,
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
    /// Reads and confirms at the commitment `confirmed`; [`Self::with_commitment`] changes it.
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

        Self { rpc: Arc::new(rpc), socket: Arc::new(Socket::new(websocket_url)), commitment }
    }

    /// Returns a session on this connection that reads and confirms at another commitment.
    pub fn with_commitment(&self, commitment: CommitmentConfig) -> Self {
        Self { commitment, ..self.clone() }
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
