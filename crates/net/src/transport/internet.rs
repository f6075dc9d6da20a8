//! Which addresses and names are of the Internet, and not of a private network or of this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use iroh::RelayUrl;

/// Names below these are names of a local network or of this machine: those that are reserved for
/// it, and those that routers and companies use and nobody can register.
const LOCAL_NAMES: [&str; 10] = [
    ".local",
    ".localhost",
    ".localdomain",
    ".internal",
    ".intranet",
    ".private",
    ".corp",
    ".lan",
    ".home",
    ".home.arpa",
];

/// Whether a relay has HTTPS and a name or an address of the Internet.
pub(super) fn is_internet_relay(url: &RelayUrl) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');

    let is_public_host = match bare.parse::<IpAddr>() {
        Ok(ip) => is_internet_address(ip),
        Err(_) => is_internet_name(host.trim_end_matches('.')),
    };
    url.scheme() == "https" && is_public_host
}

/// Names without a dot are local ones, too.
fn is_internet_name(name: &str) -> bool {
    name.contains('.') && !LOCAL_NAMES.iter().any(|end| name.ends_with(end))
}

/// Whether an address is one of the Internet.
pub(super) fn is_internet_address(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_internet_v4(ip),
        IpAddr::V6(ip) => find_translated(ip).map_or_else(|| is_internet_v6(ip), is_internet_v4),
    }
}

/// The address of IPv4 to which translators lead. In networks without IPv4, names resolve to these.
fn find_translated(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    match ip.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(Ipv4Addr::from_bits(ip.to_bits() as u32)),
        _ => None,
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
