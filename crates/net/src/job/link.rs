//! A client's line to a node. It is dialed when it is needed, and again when it was cut.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{Connection, RecvStream, SendStream};
use tokio::sync::{Mutex, watch};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::{
    CredentialSource, JOB_ALPN, JobError, StreamPurpose,
    opening::{decode_answer, encode_opening},
};
use crate::access::{AccessError, Peers};
use crate::stream::{MAX_MESSAGE_BYTES, lost, read_message, write_message};
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
    endpoint: NetEndpoint,
    node: NodeAddress,
    credentials: Arc<dyn CredentialSource>,
    retry: RetryPolicy,
    connection: Mutex<Option<Connection>>,
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
        Self { endpoint, node, credentials, retry, connection: Mutex::new(None), status }
    }

    /// The line's status, and its changes.
    pub fn watch_status(&self) -> watch::Receiver<LinkStatus> {
        self.status.subscribe()
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
        let connection = self.connect().await?;
        let opened = self.open_on(&connection, purpose).await;

        // A connection that does not answer may be dead without a sign of it.
        if let Err(JobError::Stream(_)) = &opened {
            self.forget_connection(&connection).await;
        }
        opened
    }

    async fn open_on(
        &self,
        connection: &Connection,
        purpose: StreamPurpose,
    ) -> Result<(SendStream, RecvStream), JobError> {
        let limit = self.retry.answer_timeout;
        let peers = Peers { node: connection.remote_id(), client: self.endpoint.id() };
        let credentials = Arc::clone(&self.credentials);

        let credential = spawn_blocking(move || credentials.credential_for(&peers))
            .await
            .map_err(|error| AccessError::NotSigned(error.to_string()))??;
        let (mut send, mut recv) = connection.open_bi().await.map_err(lost)?;
        write_message(&mut send, &encode_opening(&credential, purpose), limit).await?;

        let answer = read_message(&mut recv, MAX_MESSAGE_BYTES, limit).await?;
        match decode_answer(&answer)? {
            Ok(()) => Ok((send, recv)),
            Err((reason, detail)) => Err(JobError::Refused { reason, detail }),
        }
    }

    /// The current connection, or a new one. Others wait for the one that is being made.
    async fn connect(&self) -> Result<Connection, JobError> {
        let mut current = self.connection.lock().await;

        if let Some(connection) = &*current
            && connection.close_reason().is_none()
        {
            return Ok(connection.clone());
        }
        let connection = self.endpoint.connect(&self.node, JOB_ALPN).await?;
        *current = Some(connection.clone());
        Ok(connection)
    }

    async fn forget_connection(&self, connection: &Connection) {
        let mut current = self.connection.lock().await;
        current.take_if(|current| current.stable_id() == connection.stable_id());
    }
}

impl fmt::Debug for JobLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobLink").field("node", &self.node).finish_non_exhaustive()
    }
}
