//! An address as the field `endpoint` of a node's account.

use nosana_client::jobs::types::{Endpoint, SocketAddress};

use crate::transport::{ADDRESS_BYTES, AddressError, NodeAddress, mapped_ip};

/// The field of the account, as the client's types have it.
pub type EndpointField = Endpoint;

/// The field of a node that has announced nothing.
const NOTHING: Endpoint = Endpoint {
    id: [0; 32],
    relay: [0; 64],
    sockets: [SocketAddress { ip: [0; 16], port: 0 }, SocketAddress { ip: [0; 16], port: 0 }],
};

/// Returns the field that announces `address`; of `None`, the one that withdraws it.
pub fn endpoint_field(address: Option<&NodeAddress>) -> EndpointField {
    let mut field = NOTHING;
    let Some(address) = address else { return field };

    field.id = *address.endpoint().as_bytes();
    let relay = address.relay().map_or("", |url| url.as_str());
    for (byte, text) in field.relay.iter_mut().zip(relay.bytes()) {
        *byte = text;
    }
    for (socket, announced) in field.sockets.iter_mut().zip(address.sockets()) {
        *socket = SocketAddress { ip: mapped_ip(announced.ip()).octets(), port: announced.port() };
    }
    field
}

/// Reads the field; `None` if the node has announced nothing.
///
/// # Errors
/// If it does not have the documented form, which the program checks only in part.
pub fn read_endpoint(field: &EndpointField) -> Result<Option<NodeAddress>, AddressError> {
    let mut bytes = Vec::with_capacity(ADDRESS_BYTES);
    bytes.extend_from_slice(&field.id);
    bytes.extend_from_slice(&field.relay);
    for socket in &field.sockets {
        bytes.extend_from_slice(&socket.ip);
        bytes.extend_from_slice(&socket.port.to_le_bytes());
    }

    let mut array = [0; ADDRESS_BYTES];
    array.copy_from_slice(&bytes);
    NodeAddress::from_account_bytes(&array)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_fields_and_come_back() {
        let id = iroh::SecretKey::from_bytes(&[7; 32]).public();
        for rest in [
            ",https://relay.example.com/,198.51.100.7:4433,[2001:db8::1]:1",
            ",https://relay.example.com/",
            ",198.51.100.7:4433",
            "",
        ] {
            let address: NodeAddress = format!("{id}{rest}").parse().unwrap();
            let field = endpoint_field(Some(&address));
            assert_eq!(read_endpoint(&field).unwrap(), Some(address), "{rest}");
        }

        assert_eq!(read_endpoint(&endpoint_field(None)).unwrap(), None);
    }

    #[test]
    fn what_the_program_lets_through_is_checked_again() {
        let id = iroh::SecretKey::from_bytes(&[7; 32]).public();
        let mut field = endpoint_field(Some(&format!("{id}").parse().unwrap()));
        field.relay[..9].copy_from_slice(b"ftp://a.b");
        assert!(read_endpoint(&field).is_err());
    }
}
