//! The content endpoint on a port of its own.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result};
use tokio::{net::TcpListener, task::AbortHandle};

use super::{BlockEndpoint, block_routes, bounded_listener::BoundedListener};

/// The most connections at once.
const MAX_CONNECTIONS: usize = 128;
/// A connection on which nothing moves for so long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Serves blocks until this is dropped.
#[derive(Debug)]
pub struct ContentServer {
    address: SocketAddr,
    task: AbortHandle,
}

impl ContentServer {
    /// Listens on `address`; port 0 picks a free one.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub async fn start(address: SocketAddr, endpoint: BlockEndpoint) -> Result<Self> {
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("cannot serve content at {address}: name another address with --content")
        })?;
        let address = listener.local_addr()?;

        let listener = BoundedListener::new(listener, MAX_CONNECTIONS, IDLE_TIMEOUT);
        let serving = async move {
            if let Err(error) = axum::serve(listener, block_routes(endpoint)).await {
                tracing::warn!(%error, "the content endpoint stopped");
            }
        };
        Ok(Self { address, task: tokio::spawn(serving).abort_handle() })
    }

    /// The address for browsers.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for ContentServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
