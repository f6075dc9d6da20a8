//! The websocket, which all subscriptions of a session share.

use std::{sync::Arc, time::Duration};

use solana_pubsub_client::nonblocking::pubsub_client::PubsubClient;
use tokio::{sync::Mutex, time::timeout};

use crate::error::ClientError;

/// The time limit for opening the websocket.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A websocket that is opened when it is first used, and reopened after it failed.
pub(super) struct Socket {
    url: String,
    client: Mutex<Option<Arc<PubsubClient>>>,
}

impl Socket {
    pub(super) fn new(url: &str) -> Self {
        Self { url: url.to_owned(), client: Mutex::new(None) }
    }

    /// Returns the open websocket; opens it if necessary.
    pub(super) async fn get(&self) -> Result<Arc<PubsubClient>, ClientError> {
        let mut current = self.client.lock().await;
        if let Some(client) = &*current {
            return Ok(client.clone());
        }

        let client = timeout(CONNECT_TIMEOUT, PubsubClient::new(self.url.as_str()))
            .await
            .map_err(|_| self.socket_error("it does not answer"))?
            .map_err(|error| self.socket_error(error))?;
        Ok(current.insert(Arc::new(client)).clone())
    }

    /// Drops `failed`, so that the next use opens a new websocket.
    pub(super) async fn drop_client(&self, failed: &Arc<PubsubClient>) {
        let mut current = self.client.lock().await;
        if current.as_ref().is_some_and(|client| Arc::ptr_eq(client, failed)) {
            *current = None;
        }
    }

    fn socket_error(&self, message: impl ToString) -> ClientError {
        ClientError::Socket { url: self.url.clone(), message: message.to_string() }
    }
}
