//! The places that are left for preferred peers once strangers use all connections.

use std::net::IpAddr;

use iroh::EndpointId;
use iroh::endpoint::{Incoming, IncomingAddr};

use super::{
    ListenerBounds, NetEndpoint, PreferredPeers,
    counted_address::counted_ip,
    handshakes::{Handshake, Handshakes},
};
use crate::seats::{Seat, Seats};

/// What is left once all connections are in use. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct ExtraPlaces {
    preferred: PreferredPeers,
    peers: Seats<EndpointId>,
    direct_handshakes: Handshakes,
    /// Apart: the relays know from which keys they come, and strangers dial directly for less.
    relayed_handshakes: Handshakes,
    handshake_addresses: Seats<IpAddr>,
}

/// A handshake without a place.
pub(super) struct ExtraHandshake {
    handshake: Handshake,
    /// `None` if it comes over a relay.
    _of_address: Option<Seat<IpAddr>>,
}

impl ExtraPlaces {
    /// The places at this endpoint.
    pub(super) fn new(endpoint: &NetEndpoint, bounds: ListenerBounds) -> Self {
        Self {
            preferred: endpoint.preferred().clone(),
            peers: Seats::new(bounds.preferred_connections_per_peer),
            direct_handshakes: Handshakes::new(bounds.extra_handshakes),
            relayed_handshakes: Handshakes::new(bounds.extra_handshakes),
            handshake_addresses: Seats::new(bounds.extra_handshakes_per_address),
        }
    }

    /// Begins a handshake whose peer may be a preferred one; `None` if it is not, or its address,
    /// which must have been proved, has too many.
    pub(super) fn begin_handshake(&self, incoming: &Incoming) -> Option<ExtraHandshake> {
        if self.preferred.is_empty() {
            return None;
        }

        match incoming.remote_addr() {
            IncomingAddr::Ip(socket) => {
                let of_address = self.handshake_addresses.take_seat(counted_ip(socket.ip()))?;
                let handshake = self.direct_handshakes.begin_one();
                Some(ExtraHandshake { handshake, _of_address: Some(of_address) })
            }
            // The relay has checked the key, and the handshake will again.
            IncomingAddr::Relay { endpoint_id, .. } if self.preferred.has_peer(&endpoint_id) => {
                let handshake = self.relayed_handshakes.begin_one();
                Some(ExtraHandshake { handshake, _of_address: None })
            }
            _ => None,
        }
    }

    /// Takes a place that is kept for this peer.
    pub(super) fn take_seat(&self, peer: EndpointId) -> Option<Seat<EndpointId>> {
        self.preferred.has_peer(&peer).then(|| self.peers.take_seat(peer)).flatten()
    }

    /// Returns once no places are kept for this peer.
    pub(super) async fn wait_for_removal(&self, peer: EndpointId) {
        self.preferred.wait_for_removal(peer).await;
    }
}

impl ExtraHandshake {
    /// Returns when this handshake must give way to others.
    pub(super) async fn wait_for_end(&mut self) {
        self.handshake.wait_for_end().await;
    }
}
