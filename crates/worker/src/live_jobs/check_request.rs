//! The request of a health check over HTTP.

use std::collections::BTreeMap;

use nosana_job_spec::{HttpMethod, body_text};
use serde_json::Value;

/// Headers that every request has, unless the definition gives them another value.
const DEFAULT_HEADERS: [(&str, &str); 2] = [("User-Agent", "nosana-node"), ("Accept", "*/*")];
/// The header that names the form of a body.
const CONTENT_TYPE: &str = "Content-Type";

/// What a definition says about the request. One that was validated has no line ends in headers.
#[derive(Clone, Copy, Debug)]
pub(super) struct CheckRequest<'a> {
    pub method: HttpMethod,
    pub path: &'a str,
    pub headers: &'a BTreeMap<String, String>,
    pub body: Option<&'a Value>,
}

impl CheckRequest<'_> {
    /// Returns the bytes of the request to a port. The server closes the connection after it.
    pub fn write_bytes(&self, port: u16) -> Vec<u8> {
        let body = self.body.map(body_text).unwrap_or_default();
        let mut lines = vec![
            format!("{} {} HTTP/1.1", self.method.as_str(), self.path),
            format!("Host: localhost:{port}"),
        ];

        let is_json = self.body.is_some_and(|body| !body.is_string());
        let body_type = is_json.then_some((CONTENT_TYPE, "application/json"));
        let defaults = DEFAULT_HEADERS.into_iter().chain(body_type);
        let missing = defaults.filter(|(name, _)| !self.has_header(name));
        lines.extend(missing.map(|(name, value)| format!("{name}: {value}")));

        lines.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        lines.push(format!("Content-Length: {}", body.len()));
        lines.push("Connection: close".to_owned());
        format!("{}\r\n\r\n{body}", lines.join("\r\n")).into_bytes()
    }

    /// Whether the definition has this header. Names of headers have no case.
    fn has_header(&self, name: &str) -> bool {
        self.headers.keys().any(|given| given.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn write(method: HttpMethod, headers: &[(&str, &str)], body: Option<&Value>) -> String {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let headers: BTreeMap<String, String> = headers.collect();
        let request = CheckRequest { method, path: "/up?x=1", headers: &headers, body };
        String::from_utf8(request.write_bytes(80)).unwrap()
    }

    #[test]
    fn a_plain_request_has_no_body() {
        let expected = "GET /up?x=1 HTTP/1.1\r\nHost: localhost:80\r\nUser-Agent: nosana-node\r\n\
                        Accept: */*\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        assert_eq!(write(HttpMethod::Get, &[], None), expected);
    }

    #[test]
    fn headers_replace_those_of_the_node() {
        let headers = [("accept", "text/plain"), ("X-Key", "a")];
        let expected = "HEAD /up?x=1 HTTP/1.1\r\nHost: localhost:80\r\nUser-Agent: nosana-node\r\n\
                        X-Key: a\r\naccept: text/plain\r\nContent-Length: 0\r\n\
                        Connection: close\r\n\r\n";
        assert_eq!(write(HttpMethod::Head, &headers, None), expected);
    }

    #[test]
    fn a_body_is_sent_with_its_length_and_its_type() {
        let text = json!("{\"a\": \"ä\"}");
        let sent = write(HttpMethod::Post, &[("Content-Type", "application/json")], Some(&text));
        assert!(sent.ends_with("Content-Length: 11\r\nConnection: close\r\n\r\n{\"a\": \"ä\"}"));
        assert_eq!(sent.matches("Content-Type").count(), 1, "{sent}");

        let object = json!({ "a": 1 });
        let sent = write(HttpMethod::Put, &[], Some(&object));
        assert!(sent.contains("\r\nContent-Type: application/json\r\n"), "{sent}");
        assert!(sent.ends_with("\r\n\r\n{\"a\":1}"), "{sent}");
        let sent = write(HttpMethod::Put, &[("content-type", "a/b")], Some(&object));
        assert!(!sent.contains("application/json"), "{sent}");
        assert!(!write(HttpMethod::Post, &[], Some(&text)).contains("Content-Type"));
    }
}
