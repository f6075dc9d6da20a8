//! An endpoint of a node or of a client.
//!
//! Nothing is published anywhere by the endpoint itself: there is no discovery service. A node's
//! address is written into its account, and a client needs none.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::time::Duration;

use iroh::dns::DnsResolver;
use iroh::endpoint::{BindOpts, Builder, Connection, QuicTransportConfig, VarInt, presets};
use iroh::{Endpoint, EndpointId, NetReportConfig, SecretKey};
use tokio::time::timeout;

use super::{
    NetError, NodeAddress, PreferredPeers, Reach, RelayChoice, public_names::resolve_publicly,
};
use crate::stream::{STREAM_WINDOW_BYTES, TRUSTED_WINDOW_BYTES, widen_window};

/// The longest time of dialing, with the attempts over the relay.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// The most streams that a peer has open on one connection.
const MAX_STREAMS: u32 = 256;
/// The bytes that a peer may send on all streams of a connection before they are read, until it is
/// admitted.
const CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;
/// The bytes that are sent and not yet acknowledged.
const SEND_WINDOW_BYTES: u64 = 16 * 1024 * 1024;

/// The sockets of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalSockets {
    /// All interfaces, IPv4 and, if the machine has it, IPv6; port 0 is a free one.
    AllInterfaces {
        /// The UDP port.
        port: u16,
    },
    /// Only 127.0.0.1, for local networks and tests.
    Loopback,
    /// None: the endpoint is reached over its relay only, as behind the strictest firewalls.
    RelayOnly,
}

/// How an endpoint is set up.
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    /// Its key; see [`load_or_create_key`](super::load_or_create_key). Clients generate one.
    pub key: SecretKey,
    /// Its relays.
    pub relays: RelayChoice,
    /// Its sockets.
    pub sockets: LocalSockets,
    /// Addresses under which the sockets are reached from outside and that the node announces.
    pub public_addresses: Vec<SocketAddr>,
    /// Which addresses of others it dials.
    pub reach: Reach,
    /// How many streams of a connection that it dials may have bytes that nobody reads, so that the
    /// others go on. Streams get smaller windows, and thus less speed over long distances. `None`
    /// for the largest windows.
    pub unread_streams: Option<u32>,
}

impl EndpointConfig {
    /// An endpoint on 127.0.0.1 with a new key, without relays: for local networks and tests.
    pub fn loopback() -> Self {
        Self {
            key: SecretKey::generate(),
            relays: RelayChoice::Disabled,
            sockets: LocalSockets::Loopback,
            public_addresses: Vec::new(),
            reach: Reach::Anywhere,
            unread_streams: None,
        }
    }

    /// The bytes that a peer may send on one stream before they are read.
    fn stream_window(&self) -> u32 {
        // A peer learns late of an eighth of the connection's window, and others need some of it.
        let usable = TRUSTED_WINDOW_BYTES / 4 * 3;
        let shared = self.unread_streams.map(|streams| usable / streams.max(1));
        shared.map_or(STREAM_WINDOW_BYTES, |bytes| bytes.min(STREAM_WINDOW_BYTES))
    }

    fn builder(&self) -> Result<Builder, NetError> {
        let builder = Endpoint::builder(presets::Minimal)
            .secret_key(self.key.clone())
            .relay_mode(self.relays.relay_mode())
            .net_report_config(report_config())
            .transport_config(transport_config(self.stream_window()));
        let builder = self.public_addresses.iter().fold(builder, |b, addr| b.external_addr(*addr));
        let builder = match self.reach {
            Reach::Anywhere => builder,
            Reach::Internet => {
                builder.dns_resolver(resolve_publicly(DnsResolver::new(), &self.relays))
            }
        };

        match self.sockets {
            LocalSockets::AllInterfaces { port: 0 } => Ok(builder),
            LocalSockets::AllInterfaces { port } => {
                let v4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port);
                let v6 = SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, port, 0, 0);
                let optional = BindOpts::default().set_is_required(false);

                let builder = builder.bind_addr(v4).map_err(bind_error)?;
                builder.bind_addr_with_opts(v6, optional).map_err(bind_error)
            }
            LocalSockets::Loopback => {
                let loopback = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
                builder.clear_ip_transports().bind_addr(loopback).map_err(bind_error)
            }
            LocalSockets::RelayOnly => Ok(builder.clear_ip_transports()),
        }
    }
}

/// An endpoint. Clones share it.
#[derive(Clone, Debug)]
pub struct NetEndpoint {
    pub(super) inner: Endpoint,
    public_addresses: Vec<SocketAddr>,
    sockets: LocalSockets,
    reach: Reach,
    relays: RelayChoice,
    preferred: PreferredPeers,
}

impl NetEndpoint {
    /// Binds the sockets. Connections to relays are made in the background.
    ///
    /// # Errors
    /// If a public address is not valid, or the sockets cannot be bound.
    pub async fn bind(config: EndpointConfig) -> Result<Self, NetError> {
        NodeAddress::new(config.key.public(), None, config.public_addresses.iter().copied())?;
        let inner = config.builder()?.bind().await.map_err(bind_error)?;

        Ok(Self {
            inner,
            public_addresses: config.public_addresses,
            sockets: config.sockets,
            reach: config.reach,
            relays: config.relays,
            preferred: PreferredPeers::default(),
        })
    }

    /// The peers for whom its [`Listener`](super::Listener) keeps places.
    pub const fn preferred(&self) -> &PreferredPeers {
        &self.preferred
    }

    /// The endpoint's id, which other endpoints verify when they connect.
    pub fn id(&self) -> EndpointId {
        self.inner.id()
    }

    /// The sockets that are bound.
    pub fn bound_sockets(&self) -> Vec<SocketAddr> {
        self.inner.bound_sockets()
    }

    /// Where the endpoint can be reached now: its public addresses, or in loopback mode its socket,
    /// and the relay to which it is connected. Addresses of its own network are left out.
    ///
    /// # Errors
    /// If the relay's URL does not fit into an account.
    pub fn address(&self) -> Result<NodeAddress, NetError> {
        let addr = self.inner.addr();

        let sockets = match self.sockets {
            LocalSockets::Loopback if self.public_addresses.is_empty() => self.bound_sockets(),
            LocalSockets::Loopback
            | LocalSockets::AllInterfaces { .. }
            | LocalSockets::RelayOnly => self.public_addresses.clone(),
        };
        Ok(NodeAddress::new(self.id(), addr.relay_urls().next(), sockets)?)
    }

    /// Waits until a relay can be used.
    ///
    /// # Errors
    /// If none answers within `limit`. Without relays that is always so.
    pub async fn wait_for_relay(&self, limit: Duration) -> Result<(), NetError> {
        let online = timeout(limit, self.inner.online()).await;
        online.map_err(|_| NetError::NoRelay { seconds: limit.as_secs() })
    }

    /// Connects to the endpoint at `address`, directly if possible, else over its relay, which an
    /// endpoint without relays does not dial.
    ///
    /// # Errors
    /// If it does not answer within 15 s, does not have the announced id, or does not speak `alpn`;
    /// or if this endpoint dials none of its addresses.
    pub async fn connect(
        &self,
        address: &NodeAddress,
        alpn: &[u8],
    ) -> Result<Connection, NetError> {
        let connect_error = |problem: String| NetError::Connect {
            peer: address.endpoint().fmt_short().to_string(),
            problem,
        };
        let dialed = self.reach.filter_address(address, &self.relays)?;
        let target = dialed.to_endpoint_addr();

        let connected = timeout(CONNECT_TIMEOUT, self.inner.connect(target, alpn))
            .await
            .map_err(|_| connect_error("it did not answer".into()))?
            .map_err(|error| connect_error(describe_error(&error)))?;

        // This side has chosen the peer.
        widen_window(&connected);
        Ok(connected)
    }

    /// Closes all connections and the sockets.
    pub async fn close(&self) {
        self.inner.close().await;
    }
}

/// How the endpoint finds out what its network lets through. A check for captive portals sends HTTP
/// without TLS to port 80 of a relay, which may be one that a stranger's account names.
fn report_config() -> NetReportConfig {
    let mut config = NetReportConfig::default();
    config.captive_portal_check = false;
    config
}

fn transport_config(stream_window_bytes: u32) -> QuicTransportConfig {
    QuicTransportConfig::builder()
        .max_concurrent_bidi_streams(VarInt::from_u32(MAX_STREAMS))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .stream_receive_window(VarInt::from_u32(stream_window_bytes))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW_BYTES))
        .send_window(SEND_WINDOW_BYTES)
        .build()
}

fn bind_error(error: impl std::error::Error) -> NetError {
    NetError::Bind { problem: describe_error(&error) }
}

/// An error with its causes, which iroh's own text leaves out.
fn describe_error(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();

    while let Some(error) = cause {
        let part = error.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn on_the_internet_the_name_of_a_relay_leads_to_no_private_address() {
        for (reach, expected) in [(Reach::Anywhere, true), (Reach::Internet, false)] {
            let config = EndpointConfig { reach, ..EndpointConfig::loopback() };
            let endpoint = NetEndpoint::bind(config).await.unwrap();
            let resolver = endpoint.inner.dns_resolver().unwrap();

            let found = resolver.lookup_ipv4("localhost", Duration::from_secs(5)).await;
            assert_eq!(found.unwrap().next().is_some(), expected, "{reach:?}");
        }
    }

    #[test]
    fn no_request_goes_to_port_80_of_a_relay() {
        let config = report_config();
        assert!(!config.captive_portal_check && config.https_probes);
    }

    #[test]
    fn streams_that_nobody_reads_fit_into_the_window_of_a_connection() {
        let window = |unread_streams| {
            EndpointConfig { unread_streams, ..EndpointConfig::loopback() }.stream_window()
        };
        assert_eq!(window(None), 2 << 20);
        assert_eq!(window(Some(128)), 384 << 10);
        assert_eq!(window(Some(1)), 2 << 20, "never more than without");
        assert_eq!(window(Some(0)), 2 << 20);
    }
}
