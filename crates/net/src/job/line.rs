//! A connection to one node. It is dialed when it is needed, and again when it was cut.

use std::sync::{Mutex as BlockingMutex, MutexGuard, PoisonError};
use std::time::Duration;

use iroh::endpoint::{Connection, RecvStream, SendStream};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{
    JOB_ALPN, JobError, StreamPurpose,
    opening::{decode_answer, encode_opening},
};
use crate::StreamError;
use crate::access::{Credential, Peers};
use crate::stream::{IDLE, MAX_MESSAGE_BYTES, lost, read_message, within, write_message};
use crate::transport::{NetEndpoint, NodeAddress};

/// What happens to the streams of a connection on which the node answers no opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// They go on: they are the user's own, and may work again.
    Keep,
    /// The connection is closed. The node counts it, and it would take the place of one that works.
    Close,
}

/// A connection to the node at an address, which may change.
pub(super) struct NodeLine {
    endpoint: NetEndpoint,
    node: BlockingMutex<NodeAddress>,
    connection: Mutex<Option<Connection>>,
    silence: Silence,
    /// The connection on which the node last answered an opening, and when.
    answered: BlockingMutex<Option<(usize, Instant)>>,
}

impl NodeLine {
    /// Does not connect.
    pub(super) fn new(endpoint: NetEndpoint, node: NodeAddress, silence: Silence) -> Self {
        let node = BlockingMutex::new(node);
        let (connection, answered) = (Mutex::default(), BlockingMutex::default());
        Self { endpoint, node, connection, silence, answered }
    }

    pub(super) fn node(&self) -> NodeAddress {
        self.node.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Dials another address from now on. A connection to the same endpoint is used on.
    pub(super) fn set_node(&self, node: NodeAddress) {
        *self.node.lock().unwrap_or_else(PoisonError::into_inner) = node;
    }

    /// Both ends of a connection.
    pub(super) fn peers(&self, connection: &Connection) -> Peers {
        Peers { node: connection.remote_id(), client: self.endpoint.id() }
    }

    /// The current connection, or a new one. Others wait for the one that is being made.
    pub(super) async fn connect(&self) -> Result<Connection, JobError> {
        let mut current = self.connection.lock().await;
        let node = self.node();

        // A node that announces another endpoint may have lost the key of the last one.
        if let Some(connection) = &*current
            && connection.close_reason().is_none()
            && connection.remote_id() == node.endpoint()
        {
            return Ok(connection.clone());
        }
        let connection = self.endpoint.connect(&node, JOB_ALPN).await?;
        *current = Some(connection.clone());
        Ok(connection)
    }

    /// Opens a stream that the node accepts within `limit`.
    pub(super) async fn open_stream(
        &self,
        connection: &Connection,
        credential: &Credential,
        purpose: StreamPurpose,
        limit: Duration,
    ) -> Result<(SendStream, RecvStream), JobError> {
        let begun = Instant::now();
        let opening = open_on(connection, credential, purpose, limit);
        let opened = match within(limit, "accept a stream", opening).await {
            Ok(opened) => opened,
            Err(late) => Err(late.into()),
        };

        match &opened {
            Err(JobError::Stream(error)) => self.forget_silent(connection, error, begun).await,
            Ok(_) | Err(_) => {
                *self.lock_answered() = Some((connection.stable_id(), Instant::now()));
            }
        }
        opened
    }

    /// A connection that does not answer may be dead without a sign of it. If it has answered
    /// another opening meanwhile, it is not.
    async fn forget_silent(&self, connection: &Connection, error: &StreamError, begun: Instant) {
        let id = connection.stable_id();
        let answered = *self.lock_answered();
        if answered.is_some_and(|(answered, at)| answered == id && at > begun) {
            return;
        }

        let is_silent = matches!(error, StreamError::Timeout { .. });
        if is_silent && self.silence == Silence::Close {
            connection.close(IDLE, b"no answer");
        }
        let mut current = self.connection.lock().await;
        current.take_if(|current| current.stable_id() == id);
    }

    fn lock_answered(&self) -> MutexGuard<'_, Option<(usize, Instant)>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn open_on(
    connection: &Connection,
    credential: &Credential,
    purpose: StreamPurpose,
    limit: Duration,
) -> Result<(SendStream, RecvStream), JobError> {
    let (mut send, mut recv) = connection.open_bi().await.map_err(lost)?;
    write_message(&mut send, &encode_opening(credential, purpose), limit).await?;

    let answer = read_message(&mut recv, MAX_MESSAGE_BYTES, limit).await?;
    match decode_answer(&answer)? {
        Ok(()) => Ok((send, recv)),
        Err((reason, detail)) => Err(JobError::Refused { reason, detail }),
    }
}
