//! The headers that are replaced between a visitor and a job.

use hyper::{
    HeaderMap, Method, Version,
    header::{
        CONNECTION, CONTENT_LENGTH, EXPECT, FORWARDED, HOST, HeaderName, HeaderValue,
        PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    },
};

use crate::visitor::{FORWARDED_FOR, FORWARDED_HOST, FORWARDED_PROTO, Visitor};

/// Those that belong to one connection (RFC 9110, section 7.6.1, and older habits).
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    UPGRADE,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];
/// Those that say who a visitor is, which only the gateway may say; that which hyper answers itself;
/// and one that programs mistake for a setting of their own.
const REPLACED: [HeaderName; 5] = [
    FORWARDED,
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("proxy"),
    EXPECT,
    HOST,
];
const FORWARDED_PREFIX: &str = "x-forwarded";

/// The only protocol to which a connection may be upgraded.
pub(crate) const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// Whether a request opens a WebSocket.
pub(crate) fn is_websocket(method: &Method, version: Version, headers: &HeaderMap) -> bool {
    let is_upgrade = list_tokens(headers, &CONNECTION).any(|token| token == "upgrade");
    let protocols: Vec<String> = list_tokens(headers, &UPGRADE).collect();

    method == Method::GET && version == Version::HTTP_11 && is_upgrade && protocols == ["websocket"]
}

/// Replaces what a job must not believe of its visitor.
pub(crate) fn rewrite_request(
    headers: &mut HeaderMap,
    host: &HeaderValue,
    visitor: Visitor,
    is_websocket: bool,
) {
    remove_hop_headers(headers);
    let claimed: Vec<HeaderName> = headers.keys().filter(|name| is_claim(name)).cloned().collect();
    claimed.iter().for_each(|name| remove_all(headers, name));

    headers.insert(HOST, host.clone());
    headers.insert(FORWARDED_HOST, host.clone());
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(visitor.scheme));
    if let Ok(ip) = HeaderValue::from_str(&visitor.ip.to_string()) {
        headers.insert(FORWARDED_FOR, ip);
    }

    set_connection(headers, is_websocket);
}

/// Whether only the gateway may say this. Many servers make one variable of `X-Real-IP` and
/// `X_Real_IP`.
fn is_claim(name: &HeaderName) -> bool {
    let plain = name.as_str().replace('_', "-");
    let is_one_of = |names: &[HeaderName]| names.iter().any(|one| one.as_str() == plain);

    plain.starts_with(FORWARDED_PREFIX) || is_one_of(&REPLACED) || is_one_of(&HOP_BY_HOP)
}

/// Removes what belongs to the connection to the job.
pub(crate) fn rewrite_response(headers: &mut HeaderMap, is_websocket: bool) {
    // A body in chunks has no other length, whatever the job says.
    if headers.contains_key(TRANSFER_ENCODING) {
        remove_all(headers, &CONTENT_LENGTH);
    }
    remove_hop_headers(headers);
    if is_websocket {
        set_connection(headers, true);
    }
}

/// Each request has a connection of its own to the job.
fn set_connection(headers: &mut HeaderMap, is_websocket: bool) {
    if is_websocket {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, WEBSOCKET);
    } else {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

fn remove_hop_headers(headers: &mut HeaderMap) {
    let named: Vec<String> = list_tokens(headers, &CONNECTION).collect();

    for name in named.iter().filter_map(|name| HeaderName::try_from(name).ok()) {
        remove_all(headers, &name);
    }
    HOP_BY_HOP.iter().for_each(|name| remove_all(headers, name));
}

/// Removes every value; `HeaderMap::remove` does, and returns the first.
fn remove_all(headers: &mut HeaderMap, name: &HeaderName) {
    headers.remove(name);
}

/// The elements of a list in lower case.
fn list_tokens(headers: &HeaderMap, name: &HeaderName) -> impl Iterator<Item = String> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let tokens = values.flat_map(|value| value.split(','));
    tokens.map(|token| token.trim().to_ascii_lowercase()).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(headers: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        map
    }

    fn text(headers: &HeaderMap) -> Vec<String> {
        let mut lines: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        lines.sort();
        lines
    }

    #[test]
    fn a_job_gets_what_its_visitor_sent_and_who_that_is_from_the_gateway() {
        let mut headers = map(&[
            ("host", "wrong"),
            ("accept", "*/*"),
            ("cookie", "a=b"),
            ("connection", "keep-alive, X-Secret"),
            ("connection", "te"),
            ("x-secret", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("proxy-authorization", "Basic eDp5"),
            ("proxy", "http://evil"),
            ("expect", "100-continue"),
            ("forwarded", "for=6.6.6.6"),
            ("x-forwarded-for", "6.6.6.6"),
            ("x-forwarded-for", "7.7.7.7"),
            ("x-forwarded-port", "1"),
            ("x-forwarded-proto", "https"),
            ("x-real-ip", "6.6.6.6"),
            ("X_Forwarded_For", "6.6.6.6"),
            ("x-forwarded_proto", "https"),
            ("X-Forwarded", "for=6.6.6.6"),
            ("x_real_ip", "6.6.6.6"),
            ("transfer_encoding", "chunked"),
        ]);
        let visitor = Visitor { ip: [10, 0, 0, 1].into(), scheme: "http" };
        rewrite_request(&mut headers, &"a.b:80".parse().unwrap(), visitor, false);

        let expected = [
            "accept: */*",
            "connection: close",
            "cookie: a=b",
            "host: a.b:80",
            "x-forwarded-for: 10.0.0.1",
            "x-forwarded-host: a.b:80",
            "x-forwarded-proto: http",
        ];
        assert_eq!(text(&headers), expected);
    }

    #[test]
    fn only_websockets_are_upgrades() {
        let websocket = [("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket")];
        let is = |method, version, headers: &[(&str, &str)]| {
            is_websocket(&method, version, &map(headers))
        };
        assert!(is(Method::GET, Version::HTTP_11, &websocket));
        assert!(!is(Method::POST, Version::HTTP_11, &websocket));
        assert!(!is(Method::GET, Version::HTTP_10, &websocket));
        assert!(!is(Method::GET, Version::HTTP_11, &websocket[1..]));
        for other in ["h2c", "websocket, h2c", "TLS/1.0"] {
            let headers = [("connection", "upgrade"), ("upgrade", other)];
            assert!(!is(Method::GET, Version::HTTP_11, &headers), "{other}");
        }

        let mut headers = map(&[("upgrade", "x"), ("connection", "upgrade"), ("server", "s")]);
        rewrite_response(&mut headers, true);
        assert_eq!(text(&headers), ["connection: upgrade", "server: s", "upgrade: websocket"]);
        rewrite_response(&mut headers, false);
        assert_eq!(text(&headers), ["server: s"]);

        let mut headers = map(&[("transfer-encoding", "chunked"), ("content-length", "1")]);
        rewrite_response(&mut headers, false);
        assert!(headers.is_empty(), "two lengths are none");
    }
}
