//! Which addresses may get requests. Strangers choose the sources: a node must not send their
//! requests to what only this machine reaches.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use ureq::{
    Error,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::NextTimeout,
    },
};

/// Resolves names, and returns addresses in the public internet only.
#[derive(Debug, Default)]
pub(super) struct PublicResolver(DefaultResolver);

/// The name has addresses in this machine's own networks only.
#[derive(Debug, thiserror::Error)]
#[error(
    "{host} is not in the public internet, and this node downloads only from there; \
     `nosana node run --private-sources` allows other addresses"
)]
struct PrivateAddress {
    host: String,
}

impl Resolver for PublicResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let all = self.0.resolve(uri, config, timeout)?;
        // The owner's proxy may be anywhere. It resolves the names of requests itself.
        if config.proxy().is_some_and(|proxy| proxy.uri() == uri) {
            return Ok(all);
        }

        let is_allowed = |address: &&SocketAddr| is_public(address.ip()) && !is_near(**address);
        let mut public = self.0.empty();
        for address in all.iter().filter(is_allowed) {
            public.push(*address);
        }
        if public.is_empty() {
            let host = uri.host().unwrap_or_default().to_owned();
            return Err(Error::Other(Box::new(PrivateAddress { host })));
        }
        Ok(public)
    }
}

/// Whether an address is in the public internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match find_embedded(address) {
            Some(embedded) => is_public_v4(embedded),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    // Addresses that providers share among customers; assignments of protocols; benchmarks.
    let is_shared = first == 100 && (64..128).contains(&second);
    let is_assigned = first == 192 && second == 0 && third == 0;
    let is_benchmark = first == 198 && (18..20).contains(&second);

    !(first == 0
        || first >= 240
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || is_shared
        || is_assigned
        || is_benchmark)
}

/// The part 2000::/3 has the public addresses.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Tunnels and assignments of protocols.
    let is_assigned = first == 0x2001 && second < 0x0200;
    let is_documentation =
        first == 0x2001 && second == 0x0db8 || first == 0x3fff && second < 0x1000;
    first & 0xe000 == 0x2000 && !is_assigned && !is_documentation
}

/// Whether a public address is one of this machine, or of its network in version 6. A firewall that
/// protects them from others lets this machine's own requests pass.
fn is_near(address: SocketAddr) -> bool {
    let address = SocketAddr::new(address.ip().to_canonical(), address.port());
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // Nothing is sent: the kernel chooses the address from which it would be. For an address of
    // this machine, that is the same one.
    let own = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect(address)?;
        socket.local_addr()
    });
    own.is_ok_and(|own| are_near(own.ip(), address.ip()))
}

/// Whether two addresses are equal or in one network of version 6, of which hosts have the last 64
/// bits.
fn are_near(own: IpAddr, other: IpAddr) -> bool {
    match (own, other) {
        (IpAddr::V6(own), IpAddr::V6(other)) => own.segments()[..4] == other.segments()[..4],
        (own, other) => own == other,
    }
}

/// The address of version 4 that one of version 6 contains.
fn find_embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = address.octets();
    let at = match address.segments() {
        // ::ffff:a.b.c.d, and the prefix of translators.
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => 12,
        [0x2002, ..] => 2,
        _ => return None,
    };
    let bytes: [u8; 4] = octets.get(at..at + 4)?.try_into().ok()?;
    Some(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_asked() {
        for public in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "2002:808:808::",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001::1",
            "2001:20::1",
            "2001:db8::1",
            "3fff:fff::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn this_machine_and_its_network_are_near() {
        assert!(is_near("127.0.0.1:80".parse().unwrap()));
        assert!(!is_near("8.8.8.8:80".parse().unwrap()));

        let near = |own: &str, other: &str| are_near(own.parse().unwrap(), other.parse().unwrap());
        assert!(near("5.6.7.8", "5.6.7.8") && !near("5.6.7.8", "5.6.7.9"));
        assert!(near("2a01:1:2:3::1", "2a01:1:2:3:4:5:6:7"));
        assert!(!near("2a01:1:2:3::1", "2a01:1:2:4::1"));
    }
}
