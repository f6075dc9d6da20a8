//! Accepts connections, and bounds how many there are.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use iroh::EndpointId;
use iroh::endpoint::{Connection, Incoming, VarInt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tracing::debug;

use super::NetEndpoint;

/// The code with which a connection over a bound is closed.
const TOO_MANY: VarInt = VarInt::from_u32(1);
/// The code for a protocol that this endpoint does not serve.
const UNKNOWN_PROTOCOL: VarInt = VarInt::from_u32(2);

/// Serves the connections of one protocol.
pub trait ConnectionHandler: Send + Sync + 'static {
    /// The protocol's name in the handshake.
    fn alpn(&self) -> &'static [u8];

    /// Serves a connection until it ends. The peer's key has been verified.
    fn handle(self: Arc<Self>, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// How many connections there may be at once.
#[derive(Clone, Copy, Debug)]
pub struct ListenerBounds {
    /// In all.
    pub connections: usize,
    /// Of one endpoint.
    pub connections_per_peer: usize,
    /// The longest time of a handshake.
    pub handshake_timeout: Duration,
}

impl Default for ListenerBounds {
    fn default() -> Self {
        Self {
            connections: 512,
            connections_per_peer: 8,
            handshake_timeout: Duration::from_secs(10),
        }
    }
}

/// Accepts connections until it is dropped; connections end with it.
#[derive(Debug)]
pub struct Listener {
    task: JoinHandle<()>,
}

impl Listener {
    /// Accepts connections for these handlers.
    pub fn spawn(
        endpoint: &NetEndpoint,
        handlers: Vec<Arc<dyn ConnectionHandler>>,
        bounds: ListenerBounds,
    ) -> Self {
        endpoint.inner.set_alpns(handlers.iter().map(|one| one.alpn().to_vec()).collect());
        let accepting = Accepting {
            handlers: handlers.into(),
            bounds,
            permits: Arc::new(Semaphore::new(bounds.connections)),
            peers: Arc::default(),
        };

        Self { task: tokio::spawn(accepting.accept_all(endpoint.clone())) }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Accepting {
    handlers: Arc<[Arc<dyn ConnectionHandler>]>,
    bounds: ListenerBounds,
    permits: Arc<Semaphore>,
    peers: Arc<Mutex<HashMap<EndpointId, usize>>>,
}

impl Accepting {
    async fn accept_all(self, endpoint: NetEndpoint) {
        let mut connections = JoinSet::new();

        while let Some(incoming) = endpoint.inner.accept().await {
            while connections.try_join_next().is_some() {}

            match Arc::clone(&self.permits).try_acquire_owned() {
                Ok(permit) => drop(connections.spawn(self.clone().serve_one(incoming, permit))),
                Err(_) => incoming.refuse(),
            }
        }
    }

    async fn serve_one(self, incoming: Incoming, _permit: OwnedSemaphorePermit) {
        let handshake = async { Ok::<_, String>(incoming.accept().map_err(text)?.await) };
        let connection = match timeout(self.bounds.handshake_timeout, handshake).await {
            Ok(Ok(Ok(connection))) => connection,
            Ok(Ok(Err(error))) => return debug!(%error, "a handshake failed"),
            Ok(Err(error)) => return debug!(%error, "a connection failed"),
            Err(_) => return debug!("a handshake took too long"),
        };

        let Some(_seat) = Seat::take(&self.peers, connection.remote_id(), self.bounds) else {
            return connection.close(TOO_MANY, b"too many connections");
        };
        match self.handlers.iter().find(|one| one.alpn() == connection.alpn()) {
            Some(handler) => Arc::clone(handler).handle(connection).await,
            None => connection.close(UNKNOWN_PROTOCOL, b"unknown protocol"),
        }
    }
}

/// One of a peer's connections; given back when dropped.
struct Seat {
    peers: Arc<Mutex<HashMap<EndpointId, usize>>>,
    peer: EndpointId,
}

impl Seat {
    fn take(
        peers: &Arc<Mutex<HashMap<EndpointId, usize>>>,
        peer: EndpointId,
        bounds: ListenerBounds,
    ) -> Option<Self> {
        let mut counts = peers.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(peer).or_default();

        if *count >= bounds.connections_per_peer {
            return None;
        }
        *count += 1;
        Some(Self { peers: Arc::clone(peers), peer })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.peers.lock().unwrap_or_else(PoisonError::into_inner);

        if let Some(count) = counts.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.peer);
            }
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
