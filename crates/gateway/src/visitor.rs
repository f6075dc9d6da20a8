//! Who makes a request.

use std::net::{IpAddr, Ipv6Addr};

use hyper::{HeaderMap, header::HeaderName};

/// Where a proxy says who its visitor is.
pub(crate) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
pub(crate) const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
pub(crate) const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The sender of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Visitor {
    pub ip: IpAddr,
    /// `http` or `https`.
    pub scheme: &'static str,
}

impl Visitor {
    /// The visitor of a request over a connection from `peer`. What the headers say is believed only
    /// of a trusted proxy.
    pub(crate) fn of_request(headers: &HeaderMap, peer: IpAddr, is_trusted: bool) -> Self {
        if !is_trusted {
            return Self { ip: peer, scheme: "http" };
        }

        // A proxy appends its visitor; what stands before is the visitor's own word.
        let last = headers.get_all(FORWARDED_FOR).iter().next_back();
        let last = last.and_then(|value| value.to_str().ok()).and_then(|it| it.rsplit(',').next());
        let ip = last.and_then(|ip| ip.trim().parse::<IpAddr>().ok()).unwrap_or(peer);

        let is_https = headers
            .get(FORWARDED_PROTO)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"https"));
        Self { ip: ip.to_canonical(), scheme: if is_https { "https" } else { "http" } }
    }
}

/// The address by which visitors are counted: one has a whole /64 network of IPv6.
pub(crate) fn counted_ip(ip: IpAddr) -> IpAddr {
    mask_ip(ip, 64)
}

/// The network that many visitors may share, or one of them may have for itself: a /48 of IPv6.
pub(crate) fn counted_network(ip: IpAddr) -> IpAddr {
    mask_ip(ip, 48)
}

fn mask_ip(ip: IpAddr, v6_bits: u32) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => {
            let other_bits = Ipv6Addr::BITS - v6_bits;
            IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> other_bits << other_bits))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(headers: &[(HeaderName, &'static str)], is_trusted: bool) -> (String, &'static str) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value.parse().unwrap());
        }
        let Visitor { ip, scheme } = Visitor::of_request(&map, [10, 0, 0, 1].into(), is_trusted);
        (ip.to_string(), scheme)
    }

    #[test]
    fn a_visitor_cannot_say_who_it_is_but_a_trusted_proxy_can() {
        let claimed = [(FORWARDED_FOR, "1.1.1.1"), (FORWARDED_PROTO, "https")];
        assert_eq!(visitor(&claimed, false), ("10.0.0.1".to_owned(), "http"));
        assert_eq!(visitor(&claimed, true), ("1.1.1.1".to_owned(), "https"));

        for (headers, ip) in [
            (vec![(FORWARDED_FOR, "6.6.6.6, 2.2.2.2")], "2.2.2.2"),
            (vec![(FORWARDED_FOR, "6.6.6.6"), (FORWARDED_FOR, "2001:db8::1")], "2001:db8::1"),
            (vec![(FORWARDED_FOR, "::ffff:2.2.2.2")], "2.2.2.2"),
            (vec![(FORWARDED_FOR, "2.2.2.2, unknown")], "10.0.0.1"),
            (vec![(FORWARDED_FOR, "")], "10.0.0.1"),
            (vec![], "10.0.0.1"),
        ] {
            assert_eq!(visitor(&headers, true), (ip.to_owned(), "http"), "{headers:?}");
        }
    }

    #[test]
    fn one_network_of_ipv6_is_one_visitor() {
        let counted = |text: &str| counted_ip(text.parse().unwrap()).to_string();
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(counted("::ffff:1.2.3.4"), "1.2.3.4");
        assert_eq!(counted("1.2.3.4"), "1.2.3.4");

        let network = |text: &str| counted_network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1::");
        assert_eq!(network("1.2.3.4"), "1.2.3.4");
    }
}
