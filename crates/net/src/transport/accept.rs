//! Accepts connections, and bounds how many there are.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use iroh::EndpointId;
use iroh::endpoint::{Connection, Incoming, VarInt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tracing::debug;

use super::{
    ListenerBounds, NetEndpoint,
    counted_address::find_address,
    extra_places::{ExtraHandshake, ExtraPlaces},
};
use crate::seats::{Seat, Seats};

/// The code with which a connection over a bound is closed.
const TOO_MANY: VarInt = VarInt::from_u32(1);
/// The code for a protocol that this endpoint does not serve.
const UNKNOWN_PROTOCOL: VarInt = VarInt::from_u32(2);

/// Serves the connections of one protocol.
pub trait ConnectionHandler: Send + Sync + 'static {
    /// The protocol's name in the handshake.
    fn alpn(&self) -> &'static [u8];

    /// Serves a connection until it ends. The peer's key has been verified.
    fn handle(self: Arc<Self>, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// Accepts connections until it is dropped; connections end with it.
#[derive(Debug)]
pub struct Listener {
    task: JoinHandle<()>,
}

impl Listener {
    /// Accepts connections for these handlers.
    pub fn spawn(
        endpoint: &NetEndpoint,
        handlers: Vec<Arc<dyn ConnectionHandler>>,
        bounds: ListenerBounds,
    ) -> Self {
        endpoint.inner.set_alpns(handlers.iter().map(|one| one.alpn().to_vec()).collect());
        let accepting = Accepting {
            handlers: handlers.into(),
            bounds,
            permits: Arc::new(Semaphore::new(bounds.connections)),
            peers: Seats::new(bounds.connections_per_peer),
            addresses: Seats::new(bounds.connections_per_address),
            relayed: Arc::new(Semaphore::new(bounds.relayed_connections)),
            extra: ExtraPlaces::new(endpoint, bounds),
        };

        Self { task: tokio::spawn(accepting.accept_all(endpoint.clone())) }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Accepting {
    handlers: Arc<[Arc<dyn ConnectionHandler>]>,
    bounds: ListenerBounds,
    permits: Arc<Semaphore>,
    peers: Seats<EndpointId>,
    addresses: Seats<IpAddr>,
    relayed: Arc<Semaphore>,
    extra: ExtraPlaces,
}

/// The place of a connection; given back when dropped.
struct Place {
    _of_peer: Seat<EndpointId>,
    _of_way: WayPlace,
}

/// A place among those that come the same way.
enum WayPlace {
    Direct { _of_address: Seat<IpAddr> },
    Relayed { _of_all: OwnedSemaphorePermit },
}

impl Accepting {
    async fn accept_all(self, endpoint: NetEndpoint) {
        let mut connections = JoinSet::new();

        while let Some(incoming) = endpoint.inner.accept().await {
            while connections.try_join_next().is_some() {}

            let free = self.permits.available_permits();
            let is_loaded = free == 0 || free < self.bounds.connections / 2;
            if is_loaded && !incoming.remote_addr_validated() {
                request_proof(incoming);
                continue;
            }
            if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
                connections.spawn(self.clone().serve_one(incoming, permit));
            } else if let Some(handshake) = self.extra.begin_handshake(&incoming) {
                connections.spawn(self.clone().serve_extra(incoming, handshake));
            } else {
                incoming.refuse();
            }
        }
    }

    async fn serve_one(self, incoming: Incoming, permit: OwnedSemaphorePermit) {
        let Some(connection) = self.finish_handshake(incoming).await else { return };

        match self.take_place(&connection) {
            Ok(_place) => self.serve_peer(connection).await,
            Err(problem) => {
                drop(permit);
                self.serve_preferred(connection, problem).await;
            }
        }
    }

    /// Serves a connection beyond the bound if its peer is a preferred one.
    async fn serve_extra(self, incoming: Incoming, mut extra: ExtraHandshake) {
        let connected = tokio::select! {
            connected = self.finish_handshake(incoming) => connected,
            () = extra.wait_for_end() => None,
        };
        drop(extra);

        if let Some(connection) = connected {
            self.serve_preferred(connection, "too many connections").await;
        }
    }

    async fn finish_handshake(&self, incoming: Incoming) -> Option<Connection> {
        let handshake = async { Ok::<_, String>(incoming.accept().map_err(text)?.await) };
        match timeout(self.bounds.handshake_timeout, handshake).await {
            Ok(Ok(Ok(connection))) => return Some(connection),
            Ok(Ok(Err(error))) => debug!(%error, "a handshake failed"),
            Ok(Err(error)) => debug!(%error, "a connection failed"),
            Err(_) => debug!("a handshake took too long"),
        }
        None
    }

    /// Takes a place among those of all.
    fn take_place(&self, connection: &Connection) -> Result<Place, &'static str> {
        let of_peer = self.peers.take_seat(connection.remote_id());
        let of_peer = of_peer.ok_or("too many connections")?;

        let of_way = match find_address(connection) {
            // The handshake has shown that the address is not forged.
            Some(address) => {
                let seat = self.addresses.take_seat(address);
                let seat = seat.ok_or("too many connections of this address")?;
                WayPlace::Direct { _of_address: seat }
            }
            None => {
                let place = Arc::clone(&self.relayed).try_acquire_owned();
                let place = place.map_err(|_| "too many connections over relays")?;
                WayPlace::Relayed { _of_all: place }
            }
        };
        Ok(Place { _of_peer: of_peer, _of_way: of_way })
    }

    /// Serves a connection on a place that is kept for its peer, for as long as it is; closes it
    /// for this reason if there is none.
    async fn serve_preferred(&self, connection: Connection, problem: &'static str) {
        let peer = connection.remote_id();
        let Some(_seat) = self.extra.take_seat(peer) else {
            return connection.close(TOO_MANY, problem.as_bytes());
        };

        let served = connection.clone();
        tokio::select! {
            () = self.serve_peer(served) => {}
            () = self.extra.wait_for_removal(peer) => {
                connection.close(TOO_MANY, problem.as_bytes());
            }
        }
    }

    async fn serve_peer(&self, connection: Connection) {
        match self.handlers.iter().find(|one| one.alpn() == connection.alpn()) {
            Some(handler) => Arc::clone(handler).handle(connection).await,
            None => connection.close(UNKNOWN_PROTOCOL, b"unknown protocol"),
        }
    }
}

/// Makes the peer show that it receives what is sent to its address, which costs it a round trip: a
/// packet with a forged address must not take a place for the time of a handshake.
fn request_proof(incoming: Incoming) {
    if let Err(error) = incoming.retry() {
        debug!(%error, "cannot request another first packet");
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
