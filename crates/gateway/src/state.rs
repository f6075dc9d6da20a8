//! What the connections of a gateway share, and what a connection passes to its requests.

use std::{net::IpAddr, sync::Arc};

use hyper::{Request, body::Incoming, header::CONTENT_LENGTH};
use nosana_client::Session;
use nosana_net::{
    forward::PortStream,
    job::{JobError, RefusalReason},
    transport::NetEndpoint,
};
use solana_address::Address;
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

use crate::{
    body::RequestSeats,
    config::GatewayConfig,
    hostname::JobHost,
    lines::{LineUse, NodeLines},
    metrics::{GatewayMetrics, OpenCount},
    place_reader::RunningPlace,
    places::JobPlaces,
    refusal::Refusal,
    seats::SeatLimit,
    visitor::{Visitor, counted_ip},
    visitor_seats::{VisitorLimit, VisitorSeat},
};

/// The most bytes that a connection holds back for reading and for writing, each.
pub(crate) const MAX_BUFFER_BYTES: usize = 64 * 1024;

/// A visitor may have so many requests that wait, for each that is served.
const WAITING_PER_SERVED: usize = 4;

/// What the connections of a gateway share.
#[derive(Debug)]
pub(crate) struct GatewayState {
    pub config: GatewayConfig,
    pub visitors: VisitorLimit,
    pub metrics: Arc<GatewayMetrics>,
    waiting: VisitorLimit,
    pairs: SeatLimit<(IpAddr, Address)>,
    jobs: SeatLimit<Address>,
    places: JobPlaces,
    lines: NodeLines,
}

impl GatewayState {
    pub(crate) fn new(config: GatewayConfig, session: Session, endpoint: NetEndpoint) -> Self {
        let bounds = config.bounds;
        Self {
            visitors: VisitorLimit::new(bounds.per_visitor),
            metrics: Arc::default(),
            waiting: VisitorLimit::new(bounds.per_visitor.saturating_mul(WAITING_PER_SERVED)),
            pairs: SeatLimit::new(bounds.per_visitor_and_job()),
            jobs: SeatLimit::new(bounds.per_job),
            places: JobPlaces::new(&session),
            lines: NodeLines::new(endpoint),
            config,
        }
    }

    /// Whether the peer is one of the owner's proxies.
    pub(crate) fn is_trusted(&self, peer: IpAddr) -> bool {
        self.config.trusted_proxies.contains(&peer.to_canonical())
    }

    /// Checks what the head of a request says about its body.
    pub(crate) fn check_length(&self, request: &Request<Incoming>) -> Result<(), Refusal> {
        let announced = request.headers().get(CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());

        let limit = self.config.bounds.body_bytes;
        let is_too_large = announced.is_some_and(|bytes| bytes > limit);
        if is_too_large { Err(Refusal::too_large(limit)) } else { Ok(()) }
    }

    /// Takes the seats of a request, and waits for them: a page has more parts than a visitor has
    /// seats.
    pub(crate) async fn admit_request(
        &self,
        peer: IpAddr,
        visitor: Visitor,
        host: JobHost,
    ) -> Result<RequestSeats, Refusal> {
        let deadline = Instant::now() + self.config.bounds.wait_timeout;
        let too_many = Refusal::too_many_of_visitor;
        let _waiting = self.waiting.take_seat(visitor.ip).ok_or_else(too_many)?;
        let by_visitor = if self.is_trusted(peer) {
            let seat = self.visitors.wait_for_seat(visitor.ip, deadline).await;
            Some(seat.ok_or_else(too_many)?)
        } else {
            None
        };
        let pair = (counted_ip(visitor.ip), host.job);
        let of_both = self.pairs.wait_for_seat(pair, deadline).await.ok_or_else(too_many)?;
        let of_job = self.jobs.wait_for_seat(host.job, deadline).await;
        let of_job = of_job.ok_or_else(Refusal::too_many_of_job)?;
        Ok(RequestSeats { _visitor: by_visitor, _of_both: of_both, _job: of_job })
    }

    /// Connects to the port at the node that runs the job.
    pub(crate) async fn open_port(
        &self,
        host: JobHost,
        visitor: IpAddr,
    ) -> Result<(PortStream, LineUse), Refusal> {
        let JobHost { job, port } = host;
        let place = self.places.find_place(job, visitor).await?;
        let error = match self.try_open(&place, host, visitor).await? {
            Ok(opened) => return Ok(opened),
            Err(error) => error,
        };

        // The job may have gone on to another node, or the node to another address.
        if is_elsewhere(&error)
            && let Some(place) = self.places.find_moved(job, visitor, &place).await?
        {
            let opened = self.try_open(&place, host, visitor).await?;
            return opened.map_err(|error| Refusal::of_port(&job, port, &error));
        }
        Err(Refusal::of_port(&job, port, &error))
    }

    /// Opens the port at one place, once there is room on a line to it.
    async fn try_open(
        &self,
        place: &RunningPlace,
        host: JobHost,
        visitor: IpAddr,
    ) -> Result<Result<(PortStream, LineUse), JobError>, Refusal> {
        let deadline = Instant::now() + self.config.bounds.wait_timeout;
        let taken = self.lines.wait_for_line(place, visitor, deadline).await;
        let taken = taken.ok_or_else(Refusal::no_line)?;

        let opened = taken.line.open_port(host.job, host.port).await;
        Ok(opened.map(|stream| (stream, taken)))
    }
}

/// Whether another node may serve the job.
fn is_elsewhere(error: &JobError) -> bool {
    match error {
        JobError::Refused { reason, .. } => {
            matches!(reason, RefusalReason::NotRunning | RefusalReason::Ended)
        }
        _ => true,
    }
}

/// The seats of a connection. A WebSocket keeps them when the connection has become its own.
#[derive(Debug)]
pub(crate) struct ConnectionSeats {
    pub _place: OwnedSemaphorePermit,
    pub _visitor: Option<VisitorSeat>,
    pub _open: OpenCount,
}

/// A connection of a visitor, or of a proxy, as its requests see it.
#[derive(Clone, Debug)]
pub(crate) struct PeerConnection {
    pub state: Arc<GatewayState>,
    pub peer: IpAddr,
    /// Held by each use of the connection.
    pub _seats: Arc<ConnectionSeats>,
}
