use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use nosana_protocol::endpoint::{EndpointParts, RELAY_BYTES, SOCKET_ADDRESSES};

/// Where clients can connect to a node. All zeros if it has announced nothing.
#[repr(C)]
#[derive(
    Clone, Copy, PartialEq, Eq, Pod, Zeroable, AnchorDeserialize, AnchorSerialize, IdlType,
)]
pub struct Endpoint {
    /// The Ed25519 public key of the endpoint; zeros if the node has announced nothing.
    pub id: [u8; 32],
    /// URL of the relay through which the node is reached, padded with zeros.
    pub relay: [u8; RELAY_BYTES],
    /// Addresses at which the node is reached directly.
    pub sockets: [SocketAddress; SOCKET_ADDRESSES],
}

/// An address of a UDP socket. All zeros for none.
#[repr(C)]
#[derive(
    Clone, Copy, PartialEq, Eq, Pod, Zeroable, AnchorDeserialize, AnchorSerialize, IdlType,
)]
pub struct SocketAddress {
    /// IPv6 address, or an IPv4 address in the mapped form of RFC 4291.
    pub ip: [u8; 16],
    /// UDP port.
    pub port: u16,
}

const _: () = assert!(core::mem::size_of::<Endpoint>() == 132);

impl Endpoint {
    /// Returns true if the endpoint is in the one form that readers know.
    pub fn is_well_formed(&self) -> bool {
        let [first, second] = &self.sockets;
        let sockets = [(&first.ip, first.port), (&second.ip, second.port)];
        EndpointParts { id: &self.id, relay: &self.relay, sockets }.is_well_formed()
    }
}
