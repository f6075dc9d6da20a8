//! How much visitors may use at once. Anyone can be a visitor, under any number of endpoint ids: so
//! the parties of the jobs have the rest for themselves.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use iroh::EndpointId;
use iroh::endpoint::Connection;
use solana_address::Address;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::seats::{Seat, Seats};
use crate::transport::find_address;

/// How much visitors may use.
#[derive(Clone, Copy, Debug)]
pub struct VisitorBounds {
    /// The most connections at once.
    pub connections: usize,
    /// Of one IPv4 address, or one /64 network of IPv6: as many as several gateways use.
    pub connections_per_address: usize,
    /// The most streams at once, in all.
    pub streams: usize,
    /// Of one endpoint.
    pub streams_per_peer: usize,
    /// Of one job.
    pub streams_per_job: usize,
    /// Of one endpoint to one job: as many as a gateway uses. One endpoint cannot take a job.
    pub streams_per_peer_and_job: usize,
    /// The longest time without a byte in either direction of a forwarded connection. Longer than
    /// that of a gateway.
    pub idle_timeout: Duration,
    /// The same once one direction has ended.
    pub half_closed_timeout: Duration,
    /// The longest time in which a service reads nothing, if others of the connection are waited
    /// for already.
    pub stall_time: Duration,
}

impl Default for VisitorBounds {
    fn default() -> Self {
        Self {
            connections: 64,
            connections_per_address: 16,
            streams: 1_024,
            streams_per_peer: 512,
            streams_per_job: 512,
            streams_per_peer_and_job: 128,
            idle_timeout: Duration::from_secs(360),
            half_closed_timeout: Duration::from_secs(60),
            stall_time: Duration::from_secs(2),
        }
    }
}

impl VisitorBounds {
    /// The same bounds with a quarter of `streams` at most, and those of one endpoint and of one
    /// job in proportion: the parties have the rest.
    pub fn limit_streams(self, streams: usize) -> Self {
        let most = (streams / 4).max(1);
        let part = (most / 2).max(1);

        Self {
            streams: self.streams.min(most),
            streams_per_peer: self.streams_per_peer.min(part),
            streams_per_job: self.streams_per_job.min(part),
            streams_per_peer_and_job: self.streams_per_peer_and_job.min(part),
            ..self
        }
    }
}

/// Counts the visitors' connections and streams.
#[derive(Debug)]
pub(super) struct Visitors {
    connections: Arc<Semaphore>,
    addresses: Seats<IpAddr>,
    streams: Arc<Semaphore>,
    peers: Seats<EndpointId>,
    jobs: Seats<Address>,
    pairs: Seats<(EndpointId, Address)>,
}

/// The place of a visitor's connection; given back when dropped.
#[derive(Debug)]
pub(super) struct VisitorPlace {
    _of_all: OwnedSemaphorePermit,
    /// `None` if it comes over a relay.
    _of_address: Option<Seat<IpAddr>>,
}

/// A stream of a visitor; it is counted until this is dropped.
#[derive(Debug)]
pub(super) struct Visit {
    _stream: OwnedSemaphorePermit,
    _of_peer: Seat<EndpointId>,
    _of_job: Seat<Address>,
    _of_pair: Seat<(EndpointId, Address)>,
}

impl Visitors {
    pub(super) fn new(bounds: VisitorBounds) -> Self {
        Self {
            connections: Arc::new(Semaphore::new(bounds.connections)),
            addresses: Seats::new(bounds.connections_per_address),
            streams: Arc::new(Semaphore::new(bounds.streams)),
            peers: Seats::new(bounds.streams_per_peer),
            jobs: Seats::new(bounds.streams_per_job),
            pairs: Seats::new(bounds.streams_per_peer_and_job),
        }
    }

    /// Counts a connection, until the returned value is dropped; `None` if there are too many.
    pub(super) fn take_place(&self, connection: &Connection) -> Option<VisitorPlace> {
        let of_all = Arc::clone(&self.connections).try_acquire_owned().ok()?;
        let of_address = match find_address(connection) {
            Some(address) => Some(self.addresses.take_seat(address)?),
            None => None,
        };
        Some(VisitorPlace { _of_all: of_all, _of_address: of_address })
    }

    /// Counts a stream; `None` if there are too many.
    pub(super) fn begin_visit(&self, peer: EndpointId, job: Address) -> Option<Visit> {
        Some(Visit {
            _stream: Arc::clone(&self.streams).try_acquire_owned().ok()?,
            _of_peer: self.peers.take_seat(peer)?,
            _of_job: self.jobs.take_seat(job)?,
            _of_pair: self.pairs.take_seat((peer, job))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use iroh::SecretKey;

    use super::*;

    #[test]
    fn streams_are_bounded_for_a_peer_a_job_both_and_in_all() {
        let visitors = Visitors::new(VisitorBounds {
            streams: 5,
            streams_per_peer: 3,
            streams_per_job: 3,
            streams_per_peer_and_job: 2,
            ..VisitorBounds::default()
        });
        let peer = |seed| SecretKey::from_bytes(&[seed; 32]).public();
        let job = |seed| Address::new_from_array([seed; 32]);

        let first = visitors.begin_visit(peer(1), job(1)).unwrap();
        let _second = visitors.begin_visit(peer(1), job(1)).unwrap();
        assert!(visitors.begin_visit(peer(1), job(1)).is_none(), "of the peer to the job");
        let _third = visitors.begin_visit(peer(1), job(2)).unwrap();
        assert!(visitors.begin_visit(peer(1), job(3)).is_none(), "of the peer");
        let _fourth = visitors.begin_visit(peer(2), job(1)).unwrap();
        assert!(visitors.begin_visit(peer(3), job(1)).is_none(), "of the job");
        let _fifth = visitors.begin_visit(peer(3), job(2)).unwrap();
        assert!(visitors.begin_visit(peer(4), job(3)).is_none(), "in all");

        // What is refused takes nothing.
        drop(first);
        drop(visitors.begin_visit(peer(1), job(1)).unwrap());
        assert_eq!(visitors.streams.available_permits(), 1);
    }

    #[test]
    fn few_streams_are_shared_with_the_parties() {
        let bounds = VisitorBounds::default().limit_streams(512);
        assert_eq!((bounds.streams, bounds.streams_per_peer), (128, 64));
        assert_eq!((bounds.streams_per_job, bounds.streams_per_peer_and_job), (64, 64));

        let bounds = VisitorBounds::default().limit_streams(4_096);
        assert_eq!((bounds.streams, bounds.streams_per_peer_and_job), (1_024, 128));
        assert_eq!(VisitorBounds::default().limit_streams(1).streams, 1);
    }
}
