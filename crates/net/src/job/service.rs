//! Answers openings: checks who opens a stream, and serves it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use iroh::EndpointId;
use iroh::endpoint::{Connection, RecvStream, SendStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tracing::debug;

use super::{
    HostError, JOB_ALPN, JobError, JobHost, RefusalReason, StreamPurpose,
    opening::{decode_opening, encode_acceptance, encode_refusal},
};
use crate::Clock;
use crate::access::{AccessError, Credential, Peers, Permission};
use crate::forward::pipe_tcp;
use crate::logs::send_log;
use crate::stream::{
    CUT_OFF, MAX_MESSAGE_BYTES, accept_stream, read_message, widen_window, write_message,
};
use crate::transport::ConnectionHandler;

/// Bounds of a service.
#[derive(Clone, Copy, Debug)]
pub struct JobBounds {
    /// The most streams at once, of all peers.
    pub streams: usize,
    /// The longest time of an opening or an answer.
    pub message_timeout: Duration,
    /// The longest time in which the host answers.
    pub host_timeout: Duration,
    /// A connection is closed on which nothing has been permitted after this time. A user may have
    /// to approve the first signature.
    pub admission_timeout: Duration,
}

impl Default for JobBounds {
    fn default() -> Self {
        Self {
            streams: 4_096,
            message_timeout: Duration::from_secs(10),
            host_timeout: Duration::from_secs(8),
            admission_timeout: Duration::from_secs(60),
        }
    }
}

/// Serves the jobs of a node.
#[derive(Debug)]
pub struct JobService<H, C> {
    host: H,
    clock: C,
    node: EndpointId,
    bounds: JobBounds,
    streams: Semaphore,
}

impl<H: JobHost, C: Clock> JobService<H, C> {
    /// Serves the jobs of `host` under the endpoint `node`.
    pub fn new(host: H, clock: C, node: EndpointId, bounds: JobBounds) -> Self {
        Self { host, clock, node, bounds, streams: Semaphore::new(bounds.streams) }
    }

    async fn serve_stream(
        &self,
        connection: &Connection,
        is_admitted: &AtomicBool,
        mut send: SendStream,
        mut recv: RecvStream,
    ) -> Result<(), JobError> {
        let limit = self.bounds.message_timeout;
        let client = connection.remote_id();
        let opening = read_message(&mut recv, MAX_MESSAGE_BYTES, limit).await?;

        let accepted = match self.streams.try_acquire() {
            Ok(permit) => self.check_opening(client, &opening).await.map(|open| (permit, open)),
            Err(_) => Err(RefusalReason::Busy.into()),
        };
        let (_permit, (credential, purpose, permission)) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => return refuse(&mut send, &mut recv, &error, limit).await,
        };

        is_admitted.store(true, Ordering::Relaxed);
        widen_window(connection);
        let job = credential.job();
        let until_expiry = self.wait_for_expiry(&permission);
        match purpose {
            StreamPurpose::Logs { from } => match self.ask_host(self.host.find_logs(job)).await {
                Ok(log) => {
                    write_message(&mut send, &encode_acceptance(), limit).await?;
                    send_log(&log, from, &mut send, until_expiry).await.map_err(JobError::from)
                }
                Err(error) => refuse(&mut send, &mut recv, &error, limit).await,
            },
            StreamPurpose::Port(port) => {
                match self.ask_host(self.host.connect_port(job, port)).await {
                    Ok(tcp) => {
                        write_message(&mut send, &encode_acceptance(), limit).await?;
                        pipe_tcp(tcp, send, recv, until_expiry).await.map_err(JobError::from)
                    }
                    Err(error) => refuse(&mut send, &mut recv, &error, limit).await,
                }
            }
        }
    }

    /// Everything that does not cost a read of the chain is checked first.
    async fn check_opening(
        &self,
        client: EndpointId,
        opening: &[u8],
    ) -> Result<(Credential, StreamPurpose, Permission), HostError> {
        let (credential, purpose) = decode_opening(opening).map_err(|error| HostError {
            reason: RefusalReason::Malformed,
            detail: error.to_string(),
        })?;
        let peers = Peers { node: self.node, client };

        let permission = {
            let verified = credential
                .verify(credential.job(), &peers, self.clock.unix_seconds())
                .map_err(access_refusal)?;
            let parties = self.ask_host(self.host.find_parties(credential.job())).await?;
            verified.permission(&parties).map_err(access_refusal)?
        };
        match purpose {
            StreamPurpose::Logs { .. } => permission.rights.check_logs(),
            StreamPurpose::Port(port) => permission.rights.check_port(port),
        }
        .map_err(access_refusal)?;
        Ok((credential, purpose, permission))
    }

    async fn ask_host<T>(
        &self,
        work: impl Future<Output = Result<T, HostError>>,
    ) -> Result<T, HostError> {
        timeout(self.bounds.host_timeout, work).await.unwrap_or_else(|_| {
            let detail = "the node's own request took too long".to_owned();
            Err(HostError { reason: RefusalReason::Busy, detail })
        })
    }

    /// Ends when the permission does; never for those of the job's parties.
    async fn wait_for_expiry(&self, permission: &Permission) {
        match permission.until {
            None => std::future::pending().await,
            Some(until) => {
                let seconds = until.saturating_sub(self.clock.unix_seconds());
                sleep(Duration::from_secs(seconds)).await;
            }
        }
    }

    async fn serve_connection(self: Arc<Self>, connection: Connection) {
        let mut streams = JoinSet::new();
        let is_admitted = Arc::new(AtomicBool::new(false));
        let admission_end = Instant::now() + self.bounds.admission_timeout;

        loop {
            let deadline = (!is_admitted.load(Ordering::Relaxed)).then_some(admission_end);
            let Some((send, recv)) = accept_stream(&connection, deadline).await else { return };
            while streams.try_join_next().is_some() {}
            let service = Arc::clone(&self);
            let (connection, is_admitted) = (connection.clone(), Arc::clone(&is_admitted));

            streams.spawn(async move {
                let served = service.serve_stream(&connection, &is_admitted, send, recv).await;
                if let Err(error) = served {
                    let client = connection.remote_id().fmt_short();
                    debug!(%client, %error, "a stream failed");
                }
            });
        }
    }
}

impl<H: JobHost, C: Clock> ConnectionHandler for JobService<H, C> {
    fn alpn(&self) -> &'static [u8] {
        JOB_ALPN
    }

    fn handle(self: Arc<Self>, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.serve_connection(connection))
    }
}

async fn refuse(
    send: &mut SendStream,
    recv: &mut RecvStream,
    error: &HostError,
    limit: Duration,
) -> Result<(), JobError> {
    // Both fail only if the client has given up.
    let _ = recv.stop(CUT_OFF);
    write_message(send, &encode_refusal(error.reason, &error.detail), limit).await?;
    let _ = send.finish();
    Ok(())
}

fn access_refusal(error: AccessError) -> HostError {
    let reason = match error {
        AccessError::MissingRight(_) => RefusalReason::Rights,
        _ => RefusalReason::Credential,
    };
    HostError { reason, detail: error.to_string() }
}
