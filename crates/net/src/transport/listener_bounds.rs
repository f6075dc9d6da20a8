//! How many connections a listener has at once.

use std::time::Duration;

/// How many connections there may be at once.
#[derive(Clone, Copy, Debug)]
pub struct ListenerBounds {
    /// In all.
    pub connections: usize,
    /// Of one endpoint.
    pub connections_per_peer: usize,
    /// Of one IPv4 address, or one /64 network of IPv6, that connects directly: keys cost nothing.
    pub connections_per_address: usize,
    /// Of all that come over a relay: a node learns nothing about them that costs a stranger
    /// something. The others stay for those that connect directly.
    pub relayed_connections: usize,
    /// More connections, for each peer of [`PreferredPeers`](super::PreferredPeers): strangers
    /// cannot keep it out.
    pub preferred_connections_per_peer: usize,
    /// The longest time of a handshake.
    pub handshake_timeout: Duration,
    /// Handshakes at once without a place, which show whether the peer is a preferred one: direct
    /// ones, and as many over relays. The oldest ends for another one.
    pub extra_handshakes: usize,
    /// The direct ones of these of one address, as above.
    pub extra_handshakes_per_address: usize,
}

impl Default for ListenerBounds {
    fn default() -> Self {
        Self {
            connections: 512,
            connections_per_peer: 8,
            connections_per_address: 128,
            relayed_connections: 384,
            preferred_connections_per_peer: 2,
            handshake_timeout: Duration::from_secs(10),
            extra_handshakes: 256,
            extra_handshakes_per_address: 16,
        }
    }
}
