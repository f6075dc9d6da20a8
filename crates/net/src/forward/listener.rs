//! A port of this machine that leads to a port of a job.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;
use tracing::debug;

use super::pipe_tcp;
use crate::job::{JobError, JobLink, RefusalReason, StreamPurpose};

/// The most connections at once, below the streams that a connection has.
const MAX_CONNECTIONS: usize = 240;
/// The pause after an error of the listening socket, such as too many open files.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// Listens on a loopback address, and forwards each connection to a port of a job.
///
/// When the line to the node is cut, open connections break, and new ones wait for the line to be
/// made again. Dropping the listener closes everything.
#[derive(Debug)]
pub struct PortListener {
    local: SocketAddr,
    task: JoinHandle<()>,
    end: watch::Receiver<Option<RefusalReason>>,
}

impl PortListener {
    /// Listens on `local`, which must be a loopback address: anyone who can connect to it
    /// can use the job's port.
    ///
    /// # Errors
    /// If the address is not a loopback address, or is in use.
    pub async fn bind(link: Arc<JobLink>, local: SocketAddr, port: u16) -> Result<Self, JobError> {
        let listen_error =
            |problem: String| JobError::Listen { address: local.to_string(), problem };
        if !local.ip().is_loopback() {
            return Err(listen_error("other machines could use it; use 127.0.0.1".into()));
        }

        let listener =
            TcpListener::bind(local).await.map_err(|error| listen_error(error.to_string()))?;
        let local = listener.local_addr().map_err(|error| listen_error(error.to_string()))?;

        let (ended, end) = watch::channel(None);
        let task = tokio::spawn(accept_all(listener, link, port, ended));
        Ok(Self { local, task, end })
    }

    /// The address on which it listens.
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Waits until the node says that the job has ended, or is not there.
    pub async fn wait_for_end(&mut self) -> RefusalReason {
        match self.end.wait_for(Option::is_some).await {
            Ok(reason) => reason.unwrap_or(RefusalReason::Ended),
            Err(_) => RefusalReason::Ended,
        }
    }
}

impl Drop for PortListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept_all(
    listener: TcpListener,
    link: Arc<JobLink>,
    port: u16,
    ended: watch::Sender<Option<RefusalReason>>,
) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();

    loop {
        // Connections over the bound wait in the system's queue.
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}

        let tcp = match listener.accept().await {
            Ok((tcp, _)) => tcp,
            Err(error) => {
                debug!(%error, "cannot accept a connection");
                sleep(ACCEPT_RETRY_DELAY).await;
                continue;
            }
        };

        let link = Arc::clone(&link);
        let ended = ended.clone();
        connections.spawn(async move {
            let _permit = permit;
            forward_one(tcp, &link, port, &ended).await;
        });
    }
}

async fn forward_one(
    tcp: TcpStream,
    link: &JobLink,
    port: u16,
    ended: &watch::Sender<Option<RefusalReason>>,
) {
    match link.open_stream(StreamPurpose::Port(port)).await {
        Ok((send, recv)) => {
            if let Err(error) = pipe_tcp(tcp, send, recv, None, std::future::pending()).await {
                debug!(%error, "a forwarded connection broke");
            }
        }
        Err(error) => {
            debug!(%error, "a connection cannot be forwarded");
            // A reset, not an end: the application sees an error.
            let _ = tcp.set_zero_linger();

            if let JobError::Refused { reason, .. } = error
                && is_final(reason)
            {
                ended.send_replace(Some(reason));
            }
        }
    }
}

const fn is_final(reason: RefusalReason) -> bool {
    match reason {
        RefusalReason::Ended | RefusalReason::NotRunning => true,
        RefusalReason::Credential
        | RefusalReason::Rights
        | RefusalReason::NotExposed
        | RefusalReason::NotListening
        | RefusalReason::Busy
        | RefusalReason::Malformed
        | RefusalReason::NotPublic => false,
    }
}
