//! Reads server-sent events.

use std::io::{BufRead, BufReader};

use serde_json::Value;

use crate::server::{TestServer, client};

/// Sends a request and returns its events as they come. The last one is `null` for `[DONE]`.
pub fn post_stream(
    server: &TestServer,
    path: &str,
    body: &Value,
) -> impl Iterator<Item = Value> + use<> {
    let request = client().post(server.url(path)).header("content-type", "application/json");
    let response = request.send(body.to_string().as_bytes()).unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");

    let lines = BufReader::new(response.into_body().into_reader()).lines();
    lines.filter_map(|line| match line.unwrap().strip_prefix("data: ") {
        Some("[DONE]") => Some(Value::Null),
        Some(json) => Some(serde_json::from_str(json).unwrap()),
        None => None,
    })
}
