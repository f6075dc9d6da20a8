//! Accepts connections, and bounds how many there are.

use std::future::Future;
use std::net::{IpAddr, Ipv6Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{Connection, Incoming, VarInt};
use iroh::{EndpointId, TransportAddr};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tracing::debug;

use super::NetEndpoint;
use crate::seats::Seats;

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

/// How many connections there may be at once.
#[derive(Clone, Copy, Debug)]
pub struct ListenerBounds {
    /// In all.
    pub connections: usize,
    /// Of one endpoint.
    pub connections_per_peer: usize,
    /// Of one IPv4 address, or one /64 network of IPv6, that connects directly: keys cost nothing.
    pub connections_per_address: usize,
    /// The longest time of a handshake.
    pub handshake_timeout: Duration,
}

impl Default for ListenerBounds {
    fn default() -> Self {
        Self {
            connections: 512,
            connections_per_peer: 8,
            connections_per_address: 128,
            handshake_timeout: Duration::from_secs(10),
        }
    }
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
}

impl Accepting {
    async fn accept_all(self, endpoint: NetEndpoint) {
        let mut connections = JoinSet::new();

        while let Some(incoming) = endpoint.inner.accept().await {
            while connections.try_join_next().is_some() {}

            let is_loaded = self.permits.available_permits() < self.bounds.connections / 2;
            if is_loaded && !incoming.remote_addr_validated() {
                request_proof(incoming);
                continue;
            }
            match Arc::clone(&self.permits).try_acquire_owned() {
                Ok(permit) => drop(connections.spawn(self.clone().serve_one(incoming, permit))),
                Err(_) => incoming.refuse(),
            }
        }
    }

    async fn serve_one(self, incoming: Incoming, _permit: OwnedSemaphorePermit) {
        let handshake = async { Ok::<_, String>(incoming.accept().map_err(text)?.await) };
        let connection = match timeout(self.bounds.handshake_timeout, handshake).await {
            Ok(Ok(Ok(connection))) => connection,
            Ok(Ok(Err(error))) => return debug!(%error, "a handshake failed"),
            Ok(Err(error)) => return debug!(%error, "a connection failed"),
            Err(_) => return debug!("a handshake took too long"),
        };

        let Some(_seat) = self.peers.take_seat(connection.remote_id()) else {
            return connection.close(TOO_MANY, b"too many connections");
        };
        // The handshake has shown that the address is not forged.
        let of_address = find_address(&connection).map(|address| self.addresses.take_seat(address));
        if matches!(of_address, Some(None)) {
            return connection.close(TOO_MANY, b"too many connections of this address");
        }
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

/// The address of a connection's peer, as it is counted; `None` if it is reached over a relay only.
pub(crate) fn find_address(connection: &Connection) -> Option<IpAddr> {
    let paths = connection.paths();

    paths.iter().find_map(|path| match path.remote_addr() {
        TransportAddr::Ip(socket) => Some(counted_ip(socket.ip())),
        _ => None,
    })
}

/// The address by which connections are counted: one has a whole /64 network of IPv6.
fn counted_ip(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let counted = |text: &str| counted_ip(text.parse().unwrap()).to_string();
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(counted("::ffff:1.2.3.4"), "1.2.3.4");
        assert_eq!(counted("1.2.3.4"), "1.2.3.4");
    }
}
