//! The form in which a node announces where clients can connect to it.
//!
//! Every address has exactly one form, so that readers need not guess: text that ends with its
//! padding, a port with each socket address, and nothing at all without an endpoint.

/// Bytes of the URL of a relay.
pub const RELAY_BYTES: usize = 64;
/// Socket addresses of a node.
pub const SOCKET_ADDRESSES: usize = 2;

/// The parts of an announced endpoint.
#[derive(Clone, Copy, Debug)]
pub struct EndpointParts<'a> {
    /// The Ed25519 public key of the endpoint.
    pub id: &'a [u8; 32],
    /// The URL of the relay, padded with zeros.
    pub relay: &'a [u8; RELAY_BYTES],
    /// IP addresses, IPv4 as `::ffff:a.b.c.d`, with their ports.
    pub sockets: [(&'a [u8; 16], u16); SOCKET_ADDRESSES],
}

impl EndpointParts<'_> {
    /// Returns true if the endpoint is in its one form.
    ///
    /// - The relay is printable ASCII without spaces, then zeros.
    /// - A socket address has both an IP address and a port, or neither; the first comes first.
    /// - An endpoint without an id, which is none, has no relay and no socket address.
    pub fn is_well_formed(&self) -> bool {
        let text = self.relay.iter().take_while(|byte| byte.is_ascii_graphic()).count();
        let has_relay = text > 0;
        let ends_with_padding = self.relay.iter().skip(text).all(|byte| *byte == 0);

        let are_whole = self.sockets.iter().all(|(ip, port)| has_ip(ip) == (*port != 0));
        let [(_, first), (_, second)] = self.sockets;
        let are_in_order = first != 0 || second == 0;

        let is_announced = *self.id != [0; 32];
        let is_empty = !has_relay && first == 0;
        ends_with_padding && are_whole && are_in_order && (is_announced || is_empty)
    }
}

fn has_ip(ip: &[u8; 16]) -> bool {
    *ip != [0; 16]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: [u8; 32] = [7; 32];
    const IP: [u8; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 7];
    const NO_IP: [u8; 16] = [0; 16];

    fn relay(text: &[u8]) -> [u8; RELAY_BYTES] {
        let mut relay = [0; RELAY_BYTES];
        relay[..text.len()].copy_from_slice(text);
        relay
    }

    fn check(id: &[u8; 32], relay_text: &[u8], first: (&[u8; 16], u16), second: u16) -> bool {
        let second_ip = if second == 0 { &NO_IP } else { &IP };
        let sockets = [first, (second_ip, second)];
        EndpointParts { id, relay: &relay(relay_text), sockets }.is_well_formed()
    }

    #[test]
    fn every_part_may_be_missing_but_the_id() {
        assert!(check(&ID, b"https://relay.example.com/", (&IP, 4433), 4434));
        assert!(check(&ID, b"https://relay.example.com/", (&NO_IP, 0), 0));
        assert!(check(&ID, b"", (&IP, 4433), 0));
        assert!(check(&ID, &[b'~'; RELAY_BYTES], (&NO_IP, 0), 0));
        assert!(check(&[0; 32], b"", (&NO_IP, 0), 0));

        assert!(!check(&[0; 32], b"https://relay.example.com/", (&NO_IP, 0), 0));
        assert!(!check(&[0; 32], b"", (&IP, 4433), 0));
    }

    #[test]
    fn a_relay_is_text_and_padding() {
        assert!(!check(&ID, b"https://a\0b", (&NO_IP, 0), 0));
        assert!(!check(&ID, b"https://a b", (&NO_IP, 0), 0));
        assert!(!check(&ID, b"https://a\n", (&NO_IP, 0), 0));
        assert!(!check(&ID, "https://ä".as_bytes(), (&NO_IP, 0), 0));
        assert!(!check(&ID, b"\0https://a", (&NO_IP, 0), 0));
    }

    #[test]
    fn a_socket_address_is_whole_and_in_order() {
        assert!(!check(&ID, b"", (&IP, 0), 0));
        assert!(!check(&ID, b"", (&NO_IP, 4433), 0));
        assert!(!check(&ID, b"", (&NO_IP, 0), 4434));

        let second_without_port = [(&IP, 4433), (&IP, 0)];
        let parts = EndpointParts { id: &ID, relay: &relay(b""), sockets: second_without_port };
        assert!(!parts.is_well_formed());
    }
}
