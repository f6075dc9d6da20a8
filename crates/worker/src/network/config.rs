//! How the endpoint of a node is set up.

use std::net::SocketAddr;

use nosana_net::holding::HoldLimits;
use nosana_net::transport::{LocalSockets, Reach, RelayChoice};

/// The endpoint of a node.
#[derive(Clone, Debug)]
pub struct NetworkConfig {
    /// Its relays.
    pub relays: RelayChoice,
    /// Its sockets.
    pub sockets: LocalSockets,
    /// Addresses that the node announces, at most two.
    pub public_addresses: Vec<SocketAddr>,
    /// Which addresses of others it dials.
    pub reach: Reach,
    /// How much it keeps for others.
    pub hold_limits: HoldLimits,
}

impl NetworkConfig {
    /// An endpoint on 127.0.0.1 without relays, for local networks.
    pub fn loopback() -> Self {
        Self {
            relays: RelayChoice::Disabled,
            sockets: LocalSockets::Loopback,
            public_addresses: Vec::new(),
            reach: Reach::Anywhere,
            hold_limits: HoldLimits::default(),
        }
    }
}
