//! Connections to nodes for content, kept for the next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as BlockingMutex, PoisonError};
use std::time::Duration;

use nosana_job_spec::ContentId;
use solana_address::Address;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use crate::access::{self, AccessError};
use crate::content::{CONTENT_ALPN, ContentBounds, ContentClient, ContentError};
use crate::directory::NodeEntry;
use crate::job::CredentialSource;
use crate::transport::NetEndpoint;

/// The longest time of connecting to one of several nodes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);
/// More connections than this are forgotten and made again.
const MAX_PEERS: usize = 64;

/// How long a peer counts as slow.
const SLOW_TIME: Duration = Duration::from_secs(60);

/// Connections of one endpoint.
#[derive(Debug)]
pub(super) struct Peers {
    endpoint: NetEndpoint,
    open: Mutex<HashMap<Address, ContentClient>>,
    /// When peers were too slow.
    slow: BlockingMutex<HashMap<Address, Instant>>,
}

impl Peers {
    pub(super) fn new(endpoint: NetEndpoint) -> Self {
        Self { endpoint, open: Mutex::default(), slow: BlockingMutex::default() }
    }

    /// Whether this node was too slow a short time ago.
    pub(super) fn is_slow(&self, node: &Address) -> bool {
        let slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        slow.get(node).is_some_and(|since| since.elapsed() < SLOW_TIME)
    }

    /// Remembers that this node was too slow.
    pub(super) fn mark_slow(&self, node: Address) {
        let mut slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        slow.retain(|_, since| since.elapsed() < SLOW_TIME);
        slow.insert(node, Instant::now());
    }

    /// Returns a connection to this node.
    pub(super) async fn connect(&self, entry: &NodeEntry) -> Result<ContentClient, ContentError> {
        let known = self.open.lock().await.get(&entry.node).cloned();
        if let Some(client) = known.filter(ContentClient::is_open) {
            return Ok(client);
        }

        let connecting = self.endpoint.connect(&entry.address, CONTENT_ALPN);
        let connected = timeout(CONNECT_TIMEOUT, connecting).await;
        let connection = connected.map_err(|_| ContentError::Unreachable)??;
        let client = ContentClient::new(connection, None, ContentBounds::default());

        let mut open = self.open.lock().await;
        if open.len() >= MAX_PEERS {
            open.clear();
        }
        open.insert(entry.node, client.clone());
        Ok(client)
    }

    /// Returns a connection to this node if it has this object.
    pub(super) async fn find_object(
        &self,
        entry: &NodeEntry,
        object: ContentId,
    ) -> Result<Option<ContentClient>, ContentError> {
        let client = self.connect(entry).await?;
        let has_it = client.query_objects(&[object]).await?.first() == Some(&true);
        Ok(has_it.then_some(client))
    }

    /// Returns a connection to this node whose requests carry a credential.
    pub(super) async fn connect_as(
        &self,
        entry: &NodeEntry,
        credentials: Arc<dyn CredentialSource>,
    ) -> Result<ContentClient, ContentError> {
        let client = self.connect(entry).await?;
        let peers = access::Peers { node: client.remote_id(), client: self.endpoint.id() };

        let signing = spawn_blocking(move || credentials.credential_for(&peers));
        let signed = signing.await.map_err(|error| AccessError::NotSigned(error.to_string()))?;
        Ok(client.with_credential(signed?))
    }
}
