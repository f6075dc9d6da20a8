//! The addresses of all nodes.

use std::sync::Arc;
use std::time::Duration;

use nosana_client::{ClientError, Session, jobs::accounts::Node};
use solana_address::Address;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::read_endpoint;
use crate::transport::NodeAddress;

/// The accounts are read again after this time: nodes come and go slowly.
const MAX_AGE: Duration = Duration::from_secs(30);

/// A node that has announced where it can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeEntry {
    /// The node's account.
    pub node: Address,
    /// Where it can be reached.
    pub address: NodeAddress,
}

/// Reads where nodes can be reached. Clones share what was read.
#[derive(Clone, Debug)]
pub struct NodeDirectory {
    session: Session,
    last: Arc<Mutex<Option<Listing>>>,
}

#[derive(Clone, Debug)]
struct Listing {
    nodes: Arc<[NodeEntry]>,
    read_at: Instant,
}

impl NodeDirectory {
    /// A directory of the cluster of this session.
    pub fn new(session: Session) -> Self {
        Self { session, last: Arc::default() }
    }

    /// A directory that has just read these nodes.
    #[cfg(test)]
    pub(crate) fn of_nodes(session: Session, nodes: Vec<NodeEntry>) -> Self {
        let listing = Listing { nodes: nodes.into(), read_at: Instant::now() };
        Self { session, last: Arc::new(Mutex::new(Some(listing))) }
    }

    /// The session.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// The nodes that have announced an address, read at most half a minute ago.
    ///
    /// # Errors
    /// If the accounts cannot be read.
    pub async fn list_nodes(&self) -> Result<Arc<[NodeEntry]>, ClientError> {
        self.list_since(Instant::now().checked_sub(MAX_AGE)).await
    }

    /// The nodes that have announced an address, read at most `max_age` ago.
    ///
    /// # Errors
    /// If the accounts cannot be read.
    pub async fn list_recent(&self, max_age: Duration) -> Result<Arc<[NodeEntry]>, ClientError> {
        self.list_since(Instant::now().checked_sub(max_age)).await
    }

    async fn list_since(&self, earliest: Option<Instant>) -> Result<Arc<[NodeEntry]>, ClientError> {
        // Others wait for the one that reads.
        let mut last = self.last.lock().await;

        if let Some(listing) = &*last
            && earliest.is_none_or(|earliest| listing.read_at >= earliest)
        {
            return Ok(Arc::clone(&listing.nodes));
        }

        let found = self.session.list_accounts::<Node>(&[]).await?;
        let nodes: Arc<[NodeEntry]> =
            found.into_iter().filter_map(|(node, account)| read_entry(node, &account)).collect();
        *last = Some(Listing { nodes: Arc::clone(&nodes), read_at: Instant::now() });
        Ok(nodes)
    }

    /// Where one node can be reached now; `None` if it has announced nothing that can be used.
    ///
    /// # Errors
    /// If its account cannot be read.
    pub async fn find_node(&self, node: &Address) -> Result<Option<NodeEntry>, ClientError> {
        let account = self.session.find_account::<Node>(node).await?;
        Ok(account.and_then(|account| read_entry(*node, &account)))
    }
}

/// Anyone can register a node with an address that is not valid: it is left out.
fn read_entry(node: Address, account: &Node) -> Option<NodeEntry> {
    let address = read_endpoint(&account.endpoint).ok()??;
    Some(NodeEntry { node, address })
}
