//! A visitor's line to a node: public ports of its jobs, without a wallet.

use std::fmt;
use std::time::Duration;

use solana_address::Address;
use tokio::time::{Instant, timeout_at};

use super::{
    JobError, StreamPurpose,
    line::{NodeLine, Silence},
};
use crate::StreamError;
use crate::access::Credential;
use crate::forward::PortStream;
use crate::transport::{NetEndpoint, NodeAddress};

/// The least time for which a node may take to open a port, however long it took to connect: longer
/// than the node waits for its list of ports and for the port.
const MIN_ANSWER_TIME: Duration = Duration::from_secs(18);

/// A line to a node for visitors of its jobs. Share it in an `Arc`.
pub struct VisitorLine {
    line: NodeLine,
    open_timeout: Duration,
}

impl VisitorLine {
    /// A line to `node`, on which a port is opened within `open_timeout`, with the time of
    /// connecting. Does not connect.
    pub fn new(endpoint: NetEndpoint, node: NodeAddress, open_timeout: Duration) -> Self {
        let line = NodeLine::new(endpoint, node, Silence::Close);
        Self { line, open_timeout }
    }

    /// Dials another address from now on, which the node has announced. A connection to the
    /// same endpoint is used on.
    pub fn set_node(&self, node: NodeAddress) {
        self.line.set_node(node);
    }

    /// Connects to a public port of a job. A connection that was cut is made again once.
    ///
    /// # Errors
    /// If the node refuses, or cannot be reached in time.
    pub async fn open_port(&self, job: Address, port: u16) -> Result<PortStream, JobError> {
        match self.try_open(job, port).await {
            // The connection may have been cut without a sign of it.
            Err(JobError::Stream(StreamError::Lost(_))) => self.try_open(job, port).await,
            opened => opened,
        }
    }

    async fn try_open(&self, job: Address, port: u16) -> Result<PortStream, JobError> {
        let begun = Instant::now();
        let seconds = self.open_timeout.as_secs();
        let late = |_| StreamError::Timeout { action: "let this side connect", seconds };
        let connecting = timeout_at(begun + self.open_timeout, self.line.connect());
        let connection = connecting.await.map_err(late)??;

        let limit = self.open_timeout.saturating_sub(begun.elapsed()).max(MIN_ANSWER_TIME);
        let (credential, purpose) = (Credential::Visit(job), StreamPurpose::Port(port));
        let opened = self.line.open_stream(&connection, &credential, purpose, limit).await;
        let (send, recv) = opened?;
        Ok(PortStream::new(send, recv))
    }
}

impl fmt::Debug for VisitorLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VisitorLine").field("node", &self.line.node()).finish_non_exhaustive()
    }
}
