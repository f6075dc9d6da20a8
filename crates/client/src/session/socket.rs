//! The websocket that all of a session's subscriptions share.

use std::{sync::Arc, time::Duration};

use solana_pubsub_client::nonblocking::pubsub_client::PubsubClient;
use tokio::{sync::Mutex, time::timeout};

use crate::error::ClientError;

/// How long opening it may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Opened when it is first needed, and again after it broke.
pub(super) struct Socket {
    url: String,
    open: Mutex<Option<Arc<PubsubClient>>>,
}

impl Socket {
    pub(super) fn new(url: &str) -> Self {
        Self { url: url.to_owned(), open: Mutex::new(None) }
    }

    /// The open websocket.
    pub(super) async fn get(&self) -> Result<Arc<PubsubClient>, ClientError> {
        let mut open = self.open.lock().await;
        if let Some(client) = &*open {
            return Ok(client.clone());
        }
        let client = timeout(TIMEOUT, PubsubClient::new(self.url.as_str()))
            .await
            .map_err(|_| self.error("it does not answer"))?
            .map_err(|error| self.error(error))?;
        Ok(open.insert(Arc::new(client)).clone())
    }

    /// Forgets `broken`, so that the next use opens a new one.
    pub(super) async fn forget(&self, broken: &Arc<PubsubClient>) {
        let mut open = self.open.lock().await;
        if open.as_ref().is_some_and(|client| Arc::ptr_eq(client, broken)) {
            *open = None;
        }
    }

    pub(super) fn error(&self, message: impl ToString) -> ClientError {
        ClientError::Socket { url: self.url.clone(), message: message.to_string() }
    }
}
