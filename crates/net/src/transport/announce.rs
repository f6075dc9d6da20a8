//! When a node's address has changed for good.
//!
//! Each announcement is a transaction that the node pays for. A relay that is away for a moment
//! must not cause two.

use std::time::Duration;

use iroh::Watcher;
use tokio::time::{Instant, timeout};

use super::{NetEndpoint, NetError, NodeAddress};

impl NetEndpoint {
    /// Waits until the address differs from the announced one and has not changed for `settle`;
    /// returns it. `None` as `announced` waits for the first address.
    ///
    /// # Errors
    /// If the endpoint is closed, or the relay's URL does not fit into an account.
    pub async fn wait_for_change(
        &self,
        announced: Option<&NodeAddress>,
        settle: Duration,
    ) -> Result<NodeAddress, NetError> {
        let mut watcher = self.inner.watch_addr();
        let mut candidate = self.address()?;
        let mut settled_at = Instant::now() + settle;

        loop {
            let is_new = announced != Some(&candidate);

            let update = if is_new {
                let wait = settled_at.saturating_duration_since(Instant::now());
                timeout(wait, watcher.updated()).await
            } else {
                Ok(watcher.updated().await)
            };

            match update {
                // Quiet for long enough.
                Err(_) => return Ok(candidate),
                Ok(Err(_)) => return Err(NetError::Closed),
                Ok(Ok(_)) => {}
            }

            // Addresses of the own network change too, but they are not announced.
            let current = self.address()?;
            if current != candidate {
                candidate = current;
                settled_at = Instant::now() + settle;
            }
        }
    }
}
