//! Health checks that send headers and a body.

use super::*;
use crate::{Document, HealthCheck};

fn with_check(check: Value) -> Value {
    let port = json!({ "port": 80, "health_checks": [check] });
    published_job(json!([run_container("a", json!({ "expose": [port] }), json!({}))]))
}

fn check_with(field: &str, value: Value) -> Value {
    let mut check = json!({ "type": "http", "path": "/v1/chat/completions", "method": "POST" });
    check[field] = value;
    with_check(check)
}

#[test]
fn headers_and_bodies_are_read_as_they_are_written() {
    for body in [json!("{\"model\": \"a\"}"), json!({ "model": "a", "stream": false }), json!(1.5)]
    {
        let headers = json!({ "Content-Type": "application/json" });
        let check = json!({
            "type": "http",
            "path": "/v1/chat/completions",
            "method": "POST",
            "headers": headers,
            "body": body,
            "expected_status": 200,
        });
        let json = with_check(check.clone());
        assert_eq!(Document::Published.problems(&json), []);
        let definition = read_definition(&json).unwrap();
        let ports = definition.exposed_ports();
        let HealthCheck::Http { headers, body: read, .. } = &ports[0].health_checks[0] else {
            panic!("{ports:?}")
        };
        assert_eq!(headers["Content-Type"], "application/json");
        assert_eq!(read.as_ref(), Some(&body));

        let written = serde_json::to_value(&definition).unwrap();
        assert_eq!(written["ops"][0]["args"]["expose"][0]["health_checks"][0], check);
        assert_eq!(read_definition(&written).unwrap(), definition, "nodes read it");
    }
    let none = read_definition(&check_with("body", json!(null))).unwrap();
    assert_eq!(none, read_definition(&check_with("headers", json!({}))).unwrap());
}

#[test]
fn variables_are_filled_in_in_a_body() {
    let mut json = check_with("body", json!({ "model": "%%global.variables.MODEL%%" }));
    json["global"]["variables"] = json!({ "MODEL": "tiny:1b" });
    let definition = read_definition(&json).unwrap();
    let written = serde_json::to_value(&definition).unwrap();
    let check = &written["ops"][0]["args"]["expose"][0]["health_checks"][0];
    assert_eq!(check["body"], json!({ "model": "tiny:1b" }));
}

#[test]
fn requests_that_a_node_cannot_send_are_refused() {
    let place = "/ops/0/args/expose/0/health_checks/0";
    for (field, value, expected) in [
        ("headers", json!([]), "/headers: "),
        ("headers", json!({ "A": 1 }), "/headers/A: "),
        ("headers", json!({ "A": "b\r\nHost: c" }), "/headers/A: "),
        ("headers", json!({ "a b": "c" }), "/headers/a b: "),
        ("headers", json!({ "host": "c" }), "/headers/host: cannot be given"),
        ("headers", json!({ "Content-Length": "9" }), "/headers/Content-Length: cannot be given"),
        ("body", json!("x".repeat(17_000)), "/body: "),
        ("body", json!(["x".repeat(16_384)]), "/body: has 16388 bytes"),
        ("body", json!("%%ops.a.results.b%%"), "/body: has the placeholder"),
    ] {
        let error = read_definition(&check_with(field, value)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{place}{expected}")), "{error}");
    }

    let tcp = with_check(json!({ "type": "tcp", "body": "a" }));
    let error = read_definition(&tcp).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{place}/body: is not a known field")), "{error}");
}
