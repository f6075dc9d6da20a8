//! Which pages may store blocks. Any page that a user visits can send requests to this machine:
//! reading a block requires its hash, but storing would let every page fill the disk.

use std::net::IpAddr;

use axum::http::{
    HeaderMap,
    header::{HOST, ORIGIN},
};

/// Whether a request names this machine as its host: a page of another site whose name was made to
/// lead here does not.
pub fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(is_local_authority)
}

/// Whether a request may store: it comes from a page of this machine, or from no page, and names
/// this machine as its host.
pub(super) fn may_store(headers: &HeaderMap) -> bool {
    let origin = headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    let is_local_origin = origin.is_none_or(|origin| {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        authority.is_some_and(is_local_authority)
    });

    names_this_machine(headers) && is_local_origin
}

fn is_local_authority(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        may_store(&headers)
    }

    #[test]
    fn only_pages_and_programs_of_this_machine_store() {
        assert!(check("127.0.0.1:8080", None));
        assert!(check("localhost:8080", Some("http://localhost:5173")));
        assert!(check("[::1]:8080", Some("http://127.0.0.1")));

        assert!(!check("localhost:8080", Some("https://example.com")));
        assert!(!check("localhost:8080", Some("null")));
        assert!(!check("localhost:8080", Some("http://localhost.example.com")));
        assert!(!check("rebound.example.com:8080", None));
        assert!(!may_store(&HeaderMap::new()));
    }
}
