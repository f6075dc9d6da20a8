//! Where a node can be reached, as it is written into the node's account.
//!
//! # Bytes
//!
//! [`ADDRESS_BYTES`] bytes, the same number whatever is announced, so that an account never has to
//! grow:
//!
//! | offset | bytes | content |
//! | --- | --- | --- |
//! | 0 | 32 | endpoint id, an Ed25519 public key; zeros if the node has announced nothing |
//! | 32 | 64 | URL of the home relay, ASCII, padded with zeros; all zeros for none |
//! | 96 | 16 | first socket address: IPv6, or IPv4 as `::ffff:a.b.c.d`; zeros for none |
//! | 112 | 2 | its port, little-endian; 0 for none |
//! | 114 | 18 | second socket address |
//!
//! Every address has exactly one encoding: anything else is refused.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use iroh::{EndpointAddr, EndpointId, RelayUrl};

use super::{
    AddressError,
    relay::{MAX_RELAY_BYTES, parse_relay_url},
};

/// The bytes of an address in an account.
pub const ADDRESS_BYTES: usize = 132;
/// The most socket addresses of a node.
pub const MAX_PUBLIC_ADDRESSES: usize = 2;

const RELAY_AT: usize = 32;
const SOCKETS_AT: usize = RELAY_AT + MAX_RELAY_BYTES;
const SOCKET_BYTES: usize = 18;

/// Where a node can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeAddress {
    pub(super) endpoint: EndpointId,
    pub(super) relay: Option<RelayUrl>,
    pub(super) sockets: Vec<SocketAddr>,
}

impl NodeAddress {
    /// An address of these parts.
    ///
    /// # Errors
    /// If there are too many socket addresses, or one of them or the relay is not valid.
    pub fn new(
        endpoint: EndpointId,
        relay: Option<&RelayUrl>,
        sockets: impl IntoIterator<Item = SocketAddr>,
    ) -> Result<Self, AddressError> {
        let relay = relay.map(|url| parse_relay_url(url.as_str())).transpose()?;
        let sockets: Result<Vec<_>, _> = sockets.into_iter().map(check_socket).collect();
        let mut sockets = sockets?;
        sockets.dedup();

        if sockets.len() > MAX_PUBLIC_ADDRESSES {
            let count = sockets.len();
            return Err(AddressError::TooMany { count, limit: MAX_PUBLIC_ADDRESSES });
        }
        Ok(Self { endpoint, relay, sockets })
    }

    /// The endpoint's id.
    pub const fn endpoint(&self) -> EndpointId {
        self.endpoint
    }

    /// The home relay, through which the node can be reached.
    pub const fn relay(&self) -> Option<&RelayUrl> {
        self.relay.as_ref()
    }

    /// The addresses at which the node can be reached directly.
    pub fn sockets(&self) -> &[SocketAddr] {
        &self.sockets
    }

    /// The bytes for an account.
    pub fn to_account_bytes(&self) -> [u8; ADDRESS_BYTES] {
        let mut bytes = Vec::with_capacity(ADDRESS_BYTES);
        bytes.extend_from_slice(self.endpoint.as_bytes());
        bytes.extend_from_slice(self.relay.as_ref().map_or("", |url| url.as_str()).as_bytes());
        bytes.resize(SOCKETS_AT, 0);

        for socket in &self.sockets {
            bytes.extend_from_slice(&mapped_ip(socket.ip()).octets());
            bytes.extend_from_slice(&socket.port().to_le_bytes());
        }
        bytes.resize(ADDRESS_BYTES, 0);

        let mut array = [0; ADDRESS_BYTES];
        array.copy_from_slice(&bytes);
        array
    }

    /// Reads the bytes of an account; `None` if the node has announced nothing.
    ///
    /// # Errors
    /// If the bytes are not those of [`NodeAddress::to_account_bytes`].
    pub fn from_account_bytes(bytes: &[u8; ADDRESS_BYTES]) -> Result<Option<Self>, AddressError> {
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let (endpoint, rest) = bytes.split_at(RELAY_AT);
        let (relay, sockets) = rest.split_at(MAX_RELAY_BYTES);

        let endpoint = EndpointId::try_from(endpoint)
            .map_err(|_| AddressError::Account("its endpoint id is not a public key"))?;
        let relay_end = relay.iter().position(|byte| *byte == 0).unwrap_or(relay.len());
        let relay = str::from_utf8(relay.get(..relay_end).unwrap_or_default())
            .map_err(|_| AddressError::Account("its relay is not text"))?;
        let relay = if relay.is_empty() { None } else { Some(parse_relay_url(relay)?) };

        let sockets = sockets.chunks_exact(SOCKET_BYTES).filter_map(read_socket);
        let address = Self::new(endpoint, relay.as_ref(), sockets)?;

        if address.to_account_bytes() != *bytes {
            return Err(AddressError::Account("its bytes are not in the documented form"));
        }
        Ok(Some(address))
    }

    /// What iroh dials.
    pub(super) fn to_endpoint_addr(&self) -> EndpointAddr {
        let mut addr = EndpointAddr::new(self.endpoint);

        if let Some(relay) = &self.relay {
            addr = addr.with_relay_url(relay.clone());
        }
        self.sockets.iter().fold(addr, |addr, socket| addr.with_ip_addr(*socket))
    }
}

/// Returns the address in the one form in which it is compared and encoded.
pub(super) fn check_socket(socket: SocketAddr) -> Result<SocketAddr, AddressError> {
    let invalid = |problem| AddressError::Socket { address: socket.to_string(), problem };
    let ip = socket.ip().to_canonical();

    if socket.port() == 0 {
        return Err(invalid("it has no port; give the port that the endpoint is bound to"));
    }
    let is_broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    if ip.is_unspecified() || ip.is_multicast() || is_broadcast {
        return Err(invalid("it is not the address of one machine"));
    }
    Ok(SocketAddr::new(ip, socket.port()))
}

/// An address as IPv6.
pub(crate) fn mapped_ip(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    }
}

fn read_socket(bytes: &[u8]) -> Option<SocketAddr> {
    let (ip, port) = bytes.split_at_checked(16)?;
    let ip: [u8; 16] = ip.try_into().ok()?;
    let port = u16::from_le_bytes(port.try_into().ok()?);

    (port != 0).then(|| SocketAddr::new(Ipv6Addr::from(ip).to_canonical(), port))
}
