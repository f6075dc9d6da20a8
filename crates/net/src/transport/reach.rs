//! Which addresses of strangers are dialed.
//!
//! Anybody can write any address into a node's account. Without this check, a node that names
//! addresses of private networks would make its clients send packets into their own networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use iroh::RelayUrl;

use super::{AddressError, NodeAddress};

/// Which addresses an endpoint dials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Addresses of the Internet, and relays with HTTPS. For public clusters.
    #[default]
    Internet,
    /// Any address. For local networks and tests.
    Anywhere,
}

impl Reach {
    /// Whether a relay that a stranger has named is used.
    pub fn allows_relay(self, relay: &RelayUrl) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Internet => is_internet_relay(relay),
        }
    }

    /// Leaves out the addresses that are not dialed, and the relay if the endpoint uses none.
    ///
    /// # Errors
    /// If none is left.
    pub(super) fn filter_address(
        self,
        address: &NodeAddress,
        uses_relays: bool,
    ) -> Result<NodeAddress, AddressError> {
        let mut filtered = address.clone();

        match self {
            Self::Anywhere => {}
            Self::Internet => {
                filtered.sockets.retain(|socket| is_internet_address(socket.ip()));
                filtered.relay = filtered.relay.filter(is_internet_relay);
            }
        }

        if !uses_relays && filtered.sockets.is_empty() && filtered.relay.is_some() {
            return Err(AddressError::RelayAlone(address.to_string()));
        }
        filtered.relay = filtered.relay.filter(|_| uses_relays);

        if filtered.sockets.is_empty() && filtered.relay.is_none() {
            return Err(AddressError::Socket {
                address: address.to_string(),
                problem: "it names neither a relay with HTTPS nor an address of the Internet; \
                          dial other addresses on local networks only",
            });
        }
        Ok(filtered)
    }
}

fn is_internet_relay(url: &RelayUrl) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');

    let is_public_host = match bare.parse::<IpAddr>() {
        Ok(ip) => is_internet_address(ip),
        Err(_) => is_internet_name(host.trim_end_matches('.')),
    };
    url.scheme() == "https" && is_public_host
}

/// Names without a dot, and those below these, are names of a local network or of this machine.
fn is_internet_name(name: &str) -> bool {
    let local = [".local", ".localhost", ".internal", ".home.arpa"];
    name.contains('.') && !local.iter().any(|end| name.ends_with(end))
}

fn is_internet_address(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_internet_v4(ip),
        IpAddr::V6(ip) => is_internet_v6(ip),
    }
}

/// Everything but the special-purpose blocks of RFC 6890.
fn is_internet_v4(ip: Ipv4Addr) -> bool {
    let [first, second, third, _] = ip.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    let is_protocol_or_test = (first, second, third) == (192, 0, 0) || ip.is_documentation();
    let is_benchmark = first == 198 && matches!(second, 18 | 19);

    let is_special = first == 0
        || first >= 224
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || is_shared
        || is_protocol_or_test
        || is_benchmark;
    !is_special
}

/// Global unicast addresses only, without those that embed IPv4 or are for documentation.
fn is_internet_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let is_global_unicast = first & 0xe000 == 0x2000;
    let is_tunnel = first == 0x2002 || (first == 0x2001 && second < 0x200);
    let is_documentation = first == 0x2001 && second == 0xdb8;

    is_global_unicast && !is_tunnel && !is_documentation
}

#[cfg(test)]
mod tests {
    use iroh::SecretKey;

    use super::*;

    fn filter_parts(parts: &str) -> Option<String> {
        let id = SecretKey::from_bytes(&[7; 32]).public();
        let address: NodeAddress = format!("{id},{parts}").parse().unwrap();
        assert_eq!(Reach::Anywhere.filter_address(&address, true).unwrap(), address);

        let filtered = Reach::Internet.filter_address(&address, true).ok()?.to_string();
        Some(filtered.trim_start_matches(&id.to_string()).to_owned())
    }

    #[test]
    fn strangers_cannot_name_addresses_of_private_networks() {
        for inside in [
            "10.0.0.1:1",
            "127.0.0.1:1",
            "192.168.1.1:53",
            "172.16.0.1:1",
            "169.254.169.254:80",
            "100.64.0.1:1",
            "198.18.0.1:1",
            "203.0.113.7:1",
            "[::1]:1",
            "[fe80::1]:1",
            "[fd00::1]:1",
            "[::ffff:10.0.0.1]:1",
            "[2002:a00:1::]:1",
            "[2001:db8::1]:1",
            "http://relay.example.com/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://router/",
            "https://printer.local/",
            "https://printer.local./",
            "https://this.localhost/",
            "https://metadata.google.internal/",
            "https://router.home.arpa/",
        ] {
            assert_eq!(filter_parts(inside), None, "{inside}");
        }
    }

    #[test]
    fn an_endpoint_without_relays_dials_none_that_a_node_names() {
        let id = SecretKey::from_bytes(&[7; 32]).public();
        let relayed: NodeAddress = format!("{id},https://relay.example.com/").parse().unwrap();
        let both: NodeAddress = format!("{relayed},8.8.8.8:4433").parse().unwrap();

        for reach in [Reach::Internet, Reach::Anywhere] {
            let direct = reach.filter_address(&both, false).unwrap();
            assert_eq!(direct.to_string(), format!("{id},8.8.8.8:4433"));
            let error = reach.filter_address(&relayed, false).unwrap_err();
            assert_eq!(error, AddressError::RelayAlone(relayed.to_string()));
        }
    }

    #[test]
    fn addresses_of_the_internet_stay() {
        let parts = "https://relay.example.com/,8.8.8.8:4433,10.0.0.1:1";
        assert_eq!(filter_parts(parts).unwrap(), ",https://relay.example.com/,8.8.8.8:4433");
        assert!(filter_parts("[2606:4700::1]:1").is_some());
    }
}
