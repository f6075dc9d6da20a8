//! A client's line to a node. It is dialed when it is needed, and again when it was cut.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{RecvStream, SendStream};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::{
    CredentialSource, JobError, PortStatus, StreamPurpose,
    line::{NodeLine, Silence},
    ports::{MAX_LIST_BYTES, decode_ports},
};
use crate::access::AccessError;
use crate::stream::read_message;
use crate::transport::{NetEndpoint, NodeAddress};

/// How long a line that was cut is tried again.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// The pause after the first failure. It doubles each time.
    pub first_delay: Duration,
    /// The longest pause.
    pub max_delay: Duration,
    /// No further attempt begins after this time.
    pub give_up_after: Duration,
    /// The longest time in which the node answers an opening.
    pub answer_timeout: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(5),
            give_up_after: Duration::from_secs(60),
            answer_timeout: Duration::from_secs(12),
        }
    }
}

/// What a line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkStatus {
    /// Nothing has been requested yet.
    Idle,
    /// The last stream was opened.
    Connected,
    /// The last attempt failed for this reason, and is repeated.
    Reconnecting(String),
}

/// A line to the node of one job. Share it in an `Arc`.
pub struct JobLink {
    line: NodeLine,
    credentials: Arc<dyn CredentialSource>,
    retry: RetryPolicy,
    status: watch::Sender<LinkStatus>,
}

impl JobLink {
    /// A line to `node`. Does not connect.
    pub fn new(
        endpoint: NetEndpoint,
        node: NodeAddress,
        credentials: Arc<dyn CredentialSource>,
        retry: RetryPolicy,
    ) -> Self {
        let status = watch::Sender::new(LinkStatus::Idle);
        let line = NodeLine::new(endpoint, node, Silence::Keep);
        Self { line, credentials, retry, status }
    }

    /// The address that is dialed.
    pub fn node(&self) -> NodeAddress {
        self.line.node()
    }

    /// Dials another address from now on, which the node has announced. A connection to the
    /// same endpoint is used on.
    pub fn set_node(&self, node: NodeAddress) {
        self.line.set_node(node);
    }

    /// The line's status, and its changes.
    pub fn watch_status(&self) -> watch::Receiver<LinkStatus> {
        self.status.subscribe()
    }

    /// Returns the ports that the job exposes, as far as the credential allows them.
    ///
    /// # Errors
    /// If the node refuses, or cannot be reached within the time of the line's policy.
    pub async fn list_ports(&self) -> Result<Vec<PortStatus>, JobError> {
        let (_send, mut recv) = self.open_stream(StreamPurpose::List).await?;
        let list = read_message(&mut recv, MAX_LIST_BYTES, self.retry.answer_timeout).await?;
        Ok(decode_ports(&list)?)
    }

    /// Opens a stream that the node has accepted.
    pub(crate) async fn open_stream(
        &self,
        purpose: StreamPurpose,
    ) -> Result<(SendStream, RecvStream), JobError> {
        let give_up_at = Instant::now() + self.retry.give_up_after;
        let mut delay = self.retry.first_delay;

        loop {
            let error = match self.try_open(purpose).await {
                Ok(streams) => {
                    self.status.send_replace(LinkStatus::Connected);
                    return Ok(streams);
                }
                Err(error) => error,
            };
            if !error.is_temporary() || Instant::now() + delay >= give_up_at {
                return Err(error);
            }

            self.status.send_replace(LinkStatus::Reconnecting(error.to_string()));
            sleep(delay).await;
            delay = (delay * 2).min(self.retry.max_delay);
        }
    }

    async fn try_open(&self, purpose: StreamPurpose) -> Result<(SendStream, RecvStream), JobError> {
        let connection = self.line.connect().await?;
        let peers = self.line.peers(&connection);
        let credentials = Arc::clone(&self.credentials);

        let credential = spawn_blocking(move || credentials.credential_for(&peers))
            .await
            .map_err(|error| AccessError::NotSigned(error.to_string()))??;
        let limit = self.retry.answer_timeout;
        self.line.open_stream(&connection, &credential, purpose, limit).await
    }
}

impl fmt::Debug for JobLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobLink").field("node", &self.node()).finish_non_exhaustive()
    }
}
