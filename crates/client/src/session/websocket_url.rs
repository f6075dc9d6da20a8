//! The websocket's address, which follows from the RPC server's.

use crate::error::ClientError;

/// Returns the address of the websocket that belongs to an RPC server: the scheme `ws` or `wss`,
/// the next port if the address names one, and the same path and query, which may have a key.
///
/// # Errors
/// If the address is not one of an RPC server, or if no port is left above its own.
pub fn websocket_url(rpc_url: &str) -> Result<String, ClientError> {
    let (scheme, rest) = rpc_url.split_once("://").unwrap_or_default();
    let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
        "http" => ("ws", 80),
        "https" => ("wss", 443),
        _ => return Err(invalid_url(rpc_url, "it must begin with http:// or https://")),
    };

    // A server never sees what follows `#`.
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host_start = authority.rfind('@').map_or(0, |at| at + 1);
    let (user, host) = authority.split_at(host_start);
    // An IPv6 address has colons of its own, between brackets.
    let port_start = host.rfind(':').filter(|colon| host.rfind(']').is_none_or(|end| end < *colon));
    let (name, port) = host.split_at(port_start.unwrap_or(host.len()));
    if name.is_empty() {
        return Err(invalid_url(rpc_url, "it names no host"));
    }

    let port = match port.trim_start_matches(':') {
        "" => String::new(),
        digits => {
            let port: u16 =
                digits.parse().map_err(|_| invalid_url(rpc_url, "its port is not a number"))?;
            next_port(rpc_url, port, default_port)?
        }
    };
    Ok(format!("{scheme}://{user}{name}{port}{path}"))
}

/// The port of the websocket. A server at the scheme's default port has it at the same one.
fn next_port(rpc_url: &str, port: u16, default_port: u16) -> Result<String, ClientError> {
    if port == default_port {
        return Ok(format!(":{port}"));
    }
    let next = port.checked_add(1).ok_or_else(|| {
        invalid_url(rpc_url, "no port is left above the RPC server's for the websocket")
    })?;
    Ok(format!(":{next}"))
}

fn invalid_url(url: &str, problem: &str) -> ClientError {
    ClientError::Request { what: format!("`{url}` gives no websocket: {problem}") }
}

#[cfg(test)]
mod tests {
    use super::websocket_url;

    #[test]
    fn path_and_query_stay_and_the_port_is_the_next() {
        for (rpc, websocket) in [
            ("http://127.0.0.1:8899", "ws://127.0.0.1:8900"),
            ("http://127.0.0.1:8899/", "ws://127.0.0.1:8900/"),
            ("HTTP://127.0.0.1:8899", "ws://127.0.0.1:8900"),
            ("http://127.0.0.1:8899/?key=a:1", "ws://127.0.0.1:8900/?key=a:1"),
            ("http://127.0.0.1:8899?key=1", "ws://127.0.0.1:8900?key=1"),
            ("https://rpc.example.com/v2/key:443#top", "wss://rpc.example.com/v2/key:443"),
            ("https://api.example.com", "wss://api.example.com"),
            ("https://api.example.com:443/", "wss://api.example.com:443/"),
            ("https://api.example.com:8443", "wss://api.example.com:8444"),
            ("http://me:word@host:8899/x", "ws://me:word@host:8900/x"),
            ("http://[::1]:8899/", "ws://[::1]:8900/"),
            ("http://[::1]/", "ws://[::1]/"),
            ("http://host:/", "ws://host/"),
        ] {
            assert_eq!(websocket_url(rpc).unwrap(), websocket, "{rpc}");
        }
    }

    #[test]
    fn an_address_without_a_websocket_is_refused() {
        for url in [
            "",
            "127.0.0.1:8899",
            "ftp://host",
            "http://",
            "http://:8899",
            "http:///path",
            "http://127.0.0.1:65535",
            "http://127.0.0.1:port",
            "http://127.0.0.1:99999/",
        ] {
            let error = websocket_url(url).unwrap_err().to_string();
            assert!(error.contains("gives no websocket"), "{url}: {error}");
        }
    }
}
