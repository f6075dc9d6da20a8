//! Answers openings: checks who opens a stream, and serves it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::Either;
use iroh::EndpointId;
use iroh::endpoint::{Connection, RecvStream, SendStream};
use solana_address::Address;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::debug;

use super::{
    HostError, JOB_ALPN, JobError, JobHost, PortUser, RefusalReason, StreamPurpose,
    opening::{decode_opening, encode_acceptance, encode_refusal},
    ports::encode_ports,
    standing::{IdleTimeouts, OpenStream, Standing},
    visitors::{Visit, VisitorBounds, Visitors},
};
use crate::Clock;
use crate::access::{AccessError, Credential, Peers, Permission, Rights};
use crate::forward::{PipeBounds, pipe_tcp};
use crate::logs::send_log;
use crate::seats::{Seat, Seats};
use crate::stream::{CUT_OFF, MAX_MESSAGE_BYTES, read_message, write_message};
use crate::transport::ConnectionHandler;

/// How long the last bytes of a run may take to its visitors.
const END_TIME: Duration = Duration::from_secs(5);
/// How often the clock is read for permissions that expire.
const CLOCK_INTERVAL: Duration = Duration::from_secs(30);

/// Bounds of a service.
#[derive(Clone, Copy, Debug)]
pub struct JobBounds {
    /// The most streams at once, of all peers.
    pub streams: usize,
    /// The most streams at once of the parties of one job: each may be a TCP connection.
    pub streams_per_job: usize,
    /// The most connections of the parties of one job: each may have some MiB in memory.
    pub connections_per_job: usize,
    /// The streams of visitors among all streams.
    pub visitors: VisitorBounds,
    /// The longest time of an opening or an answer.
    pub message_timeout: Duration,
    /// The longest time in which the host answers.
    pub host_timeout: Duration,
    /// A connection is closed on which nothing has been permitted after this time, and that of a
    /// visitor who has used nothing for as long. A user may have to approve the first signature.
    pub admission_timeout: Duration,
    /// A party's connection is closed after so long without a stream.
    pub idle_timeout: Duration,
}

impl Default for JobBounds {
    fn default() -> Self {
        Self {
            streams: 4_096,
            streams_per_job: 512,
            connections_per_job: 16,
            visitors: VisitorBounds::default(),
            message_timeout: Duration::from_secs(10),
            host_timeout: Duration::from_secs(8),
            admission_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(300),
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
    job_streams: Seats<Address>,
    job_connections: Seats<Address>,
    visitors: Visitors,
}

/// An opening that is permitted.
struct Admitted {
    job: Address,
    purpose: StreamPurpose,
    permission: Permission,
    /// Counts the stream of a visitor; `None` for a party.
    visit: Option<Visit>,
}

impl<H: JobHost, C: Clock> JobService<H, C> {
    /// Serves the jobs of `host` under the endpoint `node`.
    pub fn new(host: H, clock: C, node: EndpointId, bounds: JobBounds) -> Self {
        Self {
            host,
            clock,
            node,
            bounds,
            streams: Semaphore::new(bounds.streams),
            job_streams: Seats::new(bounds.streams_per_job),
            job_connections: Seats::new(bounds.connections_per_job),
            visitors: Visitors::new(bounds.visitors),
        }
    }

    async fn serve_stream(
        &self,
        connection: &Connection,
        standing: &Standing,
        mut send: SendStream,
        mut recv: RecvStream,
    ) -> Result<(), JobError> {
        let limit = self.bounds.message_timeout;
        let client = connection.remote_id();
        let opening = read_message(&mut recv, MAX_MESSAGE_BYTES, limit).await?;

        let accepted = match self.streams.try_acquire() {
            Ok(permit) => self.check_opening(client, &opening).await.map(|one| (permit, one)),
            Err(_) => Err(RefusalReason::Busy.into()),
        };
        let (_permit, admitted) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => return refuse(&mut send, &mut recv, &error, limit).await,
        };

        let Some(_places) = self.take_places(connection, standing, &admitted) else {
            let detail = match admitted.visit {
                Some(_) => "too many visitors",
                None => "the job has too many connections or streams",
            }
            .to_owned();
            let busy = HostError { reason: RefusalReason::Busy, detail };
            return refuse(&mut send, &mut recv, &busy, limit).await;
        };
        let Admitted { job, purpose, permission, visit } = &admitted;
        let until_expiry = self.wait_for_expiry(permission);
        match *purpose {
            StreamPurpose::Logs { from } => match self.ask_host(self.host.find_logs(job)).await {
                Ok(log) => {
                    write_message(&mut send, &encode_acceptance(), limit).await?;
                    send_log(&log, from, &mut send, until_expiry).await.map_err(JobError::from)
                }
                Err(error) => refuse(&mut send, &mut recv, &error, limit).await,
            },
            StreamPurpose::Port(port) => {
                let user = if visit.is_some() { PortUser::Visitor } else { PortUser::Party };
                match self.ask_host(self.host.connect_port(job, port, user)).await {
                    Ok(tcp) => {
                        write_message(&mut send, &encode_acceptance(), limit).await?;
                        let (bounds, until) = match user {
                            PortUser::Party => (None, Either::Left(until_expiry)),
                            PortUser::Visitor => (
                                Some(self.pipe_bounds(standing)),
                                Either::Right(self.wait_for_end(job)),
                            ),
                        };
                        pipe_tcp(tcp, send, recv, bounds, until).await.map_err(JobError::from)
                    }
                    Err(error) => refuse(&mut send, &mut recv, &error, limit).await,
                }
            }
            StreamPurpose::List => match self.ask_host(self.host.list_ports(job)).await {
                Ok(mut ports) => {
                    ports.retain(|status| permission.rights.check_port(status.port).is_ok());
                    write_message(&mut send, &encode_acceptance(), limit).await?;
                    write_message(&mut send, &encode_ports(&ports), limit).await?;
                    let _ = send.finish();
                    Ok(())
                }
                Err(error) => refuse(&mut send, &mut recv, &error, limit).await,
            },
        }
    }

    /// Counts a stream among those of its connection, and that of a party among those of its job.
    /// `None` if the job has too many streams or connections. Visitors are counted apart, so that
    /// they take no places of the parties.
    fn take_places<'a>(
        &self,
        connection: &Connection,
        standing: &'a Standing,
        admitted: &Admitted,
    ) -> Option<(OpenStream<'a>, Option<Seat<Address>>)> {
        if admitted.visit.is_some() {
            let take_place = || self.visitors.take_place(connection);
            return Some((standing.admit_visitor(connection, take_place)?, None));
        }

        let of_job = self.job_streams.take_seat(admitted.job)?;
        let take_seat = || self.job_connections.take_seat(admitted.job);
        let open = standing.admit_party(connection, take_seat)?;
        Some((open, Some(of_job)))
    }

    /// Everything that does not cost a read of the chain is checked first.
    async fn check_opening(
        &self,
        client: EndpointId,
        opening: &[u8],
    ) -> Result<Admitted, HostError> {
        let (credential, purpose) = decode_opening(opening).map_err(|error| HostError {
            reason: RefusalReason::Malformed,
            detail: error.to_string(),
        })?;
        let peers = Peers { node: self.node, client };

        let job = *credential.job();
        let verified =
            credential.verify(&job, &peers, self.clock.unix_seconds()).map_err(access_refusal)?;
        let (permission, is_visitor) = match &credential {
            Credential::Request(_) | Credential::Grant(_) => {
                let parties = self.ask_host(self.host.find_parties(&job)).await?;
                (verified.permission(&parties).map_err(access_refusal)?, false)
            }
            Credential::Visit(_) => (self.visitor_permission(&job).await?, true),
        };

        match purpose {
            StreamPurpose::Logs { .. } => permission.rights.check_logs(),
            StreamPurpose::Port(port) => permission.rights.check_port(port),
            // It has the ports that the peer may use, and no others.
            StreamPurpose::List => Ok(()),
        }
        .map_err(|error| match error {
            AccessError::MissingRight(what) if is_visitor => AccessError::NotPublic(what),
            other => other,
        })
        .map_err(access_refusal)?;

        let begin_visit = || {
            let visit = self.visitors.begin_visit(client, job);
            visit.ok_or_else(|| HostError {
                reason: RefusalReason::Busy,
                detail: "too many visitors".to_owned(),
            })
        };
        let visit = if is_visitor { Some(begin_visit()?) } else { None };
        Ok(Admitted { job, purpose, permission, visit })
    }

    /// What everybody may do with a job.
    async fn visitor_permission(&self, job: &Address) -> Result<Permission, HostError> {
        let ports = self.ask_host(self.host.list_ports(job)).await?;
        let public = ports.iter().filter(|status| status.is_public).map(|status| status.port);
        Ok(Permission { rights: Rights::only_ports(public), until: None })
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
            Some(until) => loop {
                let seconds = until.saturating_sub(self.clock.unix_seconds());
                if seconds == 0 {
                    return;
                }
                // A machine that was suspended must not prolong a grant by that time.
                sleep(Duration::from_secs(seconds).min(CLOCK_INTERVAL)).await;
            },
        }
    }

    /// Ends soon after the run of a job has: a visitor's stream must not outlast it.
    async fn wait_for_end(&self, job: &Address) {
        self.host.wait_for_end(job).await;
        sleep(END_TIME).await;
    }

    fn pipe_bounds(&self, standing: &Standing) -> PipeBounds {
        let VisitorBounds { idle_timeout, half_closed_timeout, stall_time, .. } =
            self.bounds.visitors;
        PipeBounds { idle_timeout, half_closed_timeout, stall_time, stalls: standing.stalls() }
    }

    async fn serve_connection(self: Arc<Self>, connection: Connection) {
        let mut streams = JoinSet::new();
        let timeouts = IdleTimeouts {
            stranger: self.bounds.admission_timeout,
            party: self.bounds.idle_timeout,
        };
        let standing = Arc::new(Standing::new(timeouts));

        while let Some((send, recv)) = standing.accept_stream(&connection).await {
            while streams.try_join_next().is_some() {}
            let service = Arc::clone(&self);
            let (connection, standing) = (connection.clone(), Arc::clone(&standing));

            streams.spawn(async move {
                let served = service.serve_stream(&connection, &standing, send, recv).await;
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
        AccessError::NotPublic(_) => RefusalReason::NotPublic,
        _ => RefusalReason::Credential,
    };
    HostError { reason, detail: error.to_string() }
}
