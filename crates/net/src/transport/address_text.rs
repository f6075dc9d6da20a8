//! The address of a node as text: its endpoint id, then its relay and socket addresses, separated
//! by commas.
//!
//! `8f3c…,https://relay.example.com/,203.0.113.7:4433`

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use iroh::EndpointId;

use super::{AddressError, NodeAddress, relay::parse_relay_url};

/// The digits of an endpoint id.
const ID_DIGITS: usize = 64;

impl fmt::Display for NodeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.endpoint)?;

        if let Some(relay) = &self.relay {
            write!(f, ",{relay}")?;
        }
        self.sockets.iter().try_for_each(|socket| write!(f, ",{socket}"))
    }
}

impl FromStr for NodeAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split(',');
        let endpoint = parse_endpoint_id(parts.next().unwrap_or_default())?;
        let mut relay = None;
        let mut sockets = Vec::new();

        for part in parts {
            if part.contains("://") {
                if relay.replace(parse_relay_url(part)?).is_some() {
                    return Err(AddressError::TwoRelays(text.chars().take(200).collect()));
                }
                continue;
            }

            sockets.push(SocketAddr::from_str(part).map_err(|_| AddressError::Socket {
                address: part.chars().take(100).collect(),
                problem: "give an IP address and a port, such as `203.0.113.7:4433`",
            })?);
        }
        Self::new(endpoint, relay.as_ref(), sockets)
    }
}

/// Parses an endpoint id. iroh also reads base32; one form is enough.
///
/// # Errors
/// If it is not 64 hexadecimal digits of a public key.
pub fn parse_endpoint_id(text: &str) -> Result<EndpointId, AddressError> {
    let invalid = || AddressError::Endpoint(text.chars().take(100).collect());

    if text.len() != ID_DIGITS {
        return Err(invalid());
    }
    EndpointId::from_str(text).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use iroh::SecretKey;

    use super::*;
    use crate::transport::{ADDRESS_BYTES, MAX_RELAY_BYTES};

    fn endpoint_id() -> EndpointId {
        SecretKey::from_bytes(&[7; 32]).public()
    }

    fn round_trip(text: &str) -> NodeAddress {
        let address: NodeAddress = text.parse().unwrap();
        assert_eq!(address.to_string(), text);
        let bytes = address.to_account_bytes();
        assert_eq!(NodeAddress::from_account_bytes(&bytes).unwrap().unwrap(), address);
        address
    }

    #[test]
    fn text_and_bytes_are_two_forms_of_one_address() {
        let id = endpoint_id();
        round_trip(&id.to_string());
        round_trip(&format!("{id},https://relay.example.com/"));
        round_trip(&format!("{id},203.0.113.7:4433,[2001:db8::1]:1"));
        let longest = format!("https://{}.example/", "a".repeat(47));
        assert_eq!(longest.len(), MAX_RELAY_BYTES);

        let address = round_trip(&format!("{id},{longest},203.0.113.7:4433"));
        assert_eq!(address.relay().unwrap().as_str(), longest);
        assert_eq!(address.sockets().len(), 1);
    }

    #[test]
    fn zeros_are_a_node_that_announced_nothing() {
        assert_eq!(NodeAddress::from_account_bytes(&[0; ADDRESS_BYTES]), Ok(None));
    }

    #[test]
    fn every_address_has_one_encoding() {
        let id = endpoint_id();
        let address: NodeAddress = format!("{id},https://a.example/,1.2.3.4:5").parse().unwrap();
        let good = address.to_account_bytes();

        // Whatever one byte is changed to, what is read has exactly these bytes, or is refused.
        let mut refused = 0;
        for at in 0..ADDRESS_BYTES {
            for value in [0, 1, b'/', b'A', b'a', 0x80, 0xff] {
                let mut bytes = good;
                bytes[at] = value;
                match NodeAddress::from_account_bytes(&bytes) {
                    Ok(read) => assert_eq!(read.unwrap().to_account_bytes(), bytes, "{at}"),
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(refused > 400, "{refused}");

        // Text after the relay's end, and a second address without the first.
        for (at, change) in [(90, &b"x"[..]), (112, &[0, 0, 1])] {
            let mut bytes = good;
            bytes[at..at + change.len()].copy_from_slice(change);
            assert!(NodeAddress::from_account_bytes(&bytes).is_err(), "{at}");
        }
    }

    #[test]
    fn addresses_that_reach_no_single_machine_are_refused() {
        let id = endpoint_id();
        for part in [
            "1.2.3.4",
            "1.2.3.4:0",
            "0.0.0.0:5",
            "[::]:5",
            "224.0.0.1:5",
            "255.255.255.255:5",
            "1.2.3.4:5,1.2.3.4:6,1.2.3.4:7",
            "https://a.example,https://b.example",
            "",
        ] {
            assert!(format!("{id},{part}").parse::<NodeAddress>().is_err(), "{part}");
        }
        assert!("".parse::<NodeAddress>().is_err());
        assert!(id.to_string()[1..].parse::<NodeAddress>().is_err());
    }
}
