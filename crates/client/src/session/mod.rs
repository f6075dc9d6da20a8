//! A connection to a Solana node: sending, reading, following.

mod access;
mod confirm;
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

use std::{fmt, sync::Arc, time::Duration};

use solana_commitment_config::CommitmentConfig;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;

use self::socket::Socket;
pub use self::{
    access::Access,
    holder::Holder,
    message::Signers,
    read::{Clock, Filter},
    receipt::{Landed, Receipt},
    send::SendOptions,
    subscribe::{Logged, Subscription, Update},
};
use crate::error::ClientError;

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A connection to a node. Cheap to clone: clones share it.
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
    /// needed.
    ///
    /// What is read and confirmed is `confirmed`; [`Self::with_commitment`] changes that.
    pub async fn connect(rpc_url: &str, websocket_url: &str) -> Result<Self, ClientError> {
        let session = Self::new(rpc_url, websocket_url);
        session.call("asking for its version", || session.rpc.get_version()).await?;
        Ok(session)
    }

    /// The same without asking the node anything.
    pub fn new(rpc_url: &str, websocket_url: &str) -> Self {
        let commitment = CommitmentConfig::confirmed();
        let rpc =
            RpcClient::new_with_timeout_and_commitment(rpc_url.to_owned(), TIMEOUT, commitment);
        Self { rpc: Arc::new(rpc), socket: Arc::new(Socket::new(websocket_url)), commitment }
    }

    /// A session on the same connection that reads and confirms at another commitment.
    pub fn with_commitment(&self, commitment: CommitmentConfig) -> Self {
        Self { commitment, ..self.clone() }
    }

    /// What is read and confirmed.
    pub const fn commitment(&self) -> CommitmentConfig {
        self.commitment
    }

    /// The node's other methods. Pass [`Self::commitment`] along: it has its own default.
    pub fn rpc(&self) -> &RpcClient {
        &self.rpc
    }
}
