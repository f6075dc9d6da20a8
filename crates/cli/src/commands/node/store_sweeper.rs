//! Removing unused content from the store while a node runs.

use std::time::Duration;

use nosana_store::Store;
use nosana_worker::DisputableContent;
use tokio::task::{JoinHandle, spawn_blocking};

/// Time between two sweeps.
const SWEEP_INTERVAL: Duration = Duration::from_secs(6 * 3_600);

/// A background task that removes unused content, until it is dropped.
pub struct StoreSweeper(JoinHandle<()>);

impl StoreSweeper {
    /// Starts the task. It removes content that was not used for `max_age`, except `disputable`: it
    /// uses that before each sweep.
    pub fn start(store: Store, max_age: Duration, disputable: DisputableContent) -> Self {
        Self(tokio::spawn(async move {
            loop {
                disputable.keep().await;
                sweep_store(store.clone(), max_age).await;
                tokio::time::sleep(SWEEP_INTERVAL).await;
            }
        }))
    }
}

impl Drop for StoreSweeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn sweep_store(store: Store, max_age: Duration) {
    match spawn_blocking(move || store.collect_garbage(max_age)).await {
        Ok(Ok(collected)) if collected.files > 0 => {
            tracing::info!(?collected, "removed unused content from the store")
        }
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "cannot remove unused content from the store"),
        Err(error) => tracing::warn!(%error, "cannot remove unused content from the store"),
    }
}
