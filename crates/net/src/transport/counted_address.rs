//! The addresses by which connections are counted.

use std::net::{IpAddr, Ipv6Addr};

use iroh::TransportAddr;
use iroh::endpoint::Connection;

/// The address of a connection's peer, as it is counted; `None` if it is reached over a relay only.
pub(crate) fn find_address(connection: &Connection) -> Option<IpAddr> {
    let paths = connection.paths();

    paths.iter().find_map(|path| match path.remote_addr() {
        TransportAddr::Ip(socket) => Some(counted_ip(socket.ip())),
        _ => None,
    })
}

/// The address by which connections are counted: one has a whole /64 network of IPv6.
pub(super) fn counted_ip(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let counted = |text: &str| counted_ip(text.parse().unwrap()).to_string();
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(counted("::ffff:1.2.3.4"), "1.2.3.4");
        assert_eq!(counted("1.2.3.4"), "1.2.3.4");
    }
}
