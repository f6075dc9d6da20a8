//! Fields of other software: each is ignored, or refused with what to do instead.

use super::*;
use crate::Document;

/// A definition with a container that has this field, at this place in the operation.
fn with_field_at(pointer: &str, value: Value) -> Value {
    let mut json = published_job(json!([run_container("a", json!({}), json!({}))]));
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    json.pointer_mut(parent).unwrap()[name] = value;
    json
}

#[test]
fn a_deployment_is_ignored() {
    let plain = read_definition(&published_job(json!([run_container("a", json!({}), json!({}))])));
    let deployed = with_field_at("/deployment_id", json!("dep-1"));
    assert_eq!(Document::Published.problems(&deployed), []);
    assert_eq!(read_definition(&deployed).unwrap(), plain.unwrap());
}

#[test]
fn each_refusal_says_what_to_do() {
    let socket = json!([{ "port": 80, "health_checks": [{ "type": "websocket", "path": "/" }] }]);
    let buckets = json!([{ "type": "S3", "target": "/m", "buckets": [{ "url": "https://a.b" }] }]);
    let node_log = json!({ "a": { "regex": "b", "logType": ["stdout", "nodeerr"] } });
    let spread = json!({ "__spread__": "%%global.variables.A%%" });

    for (pointer, value, expected, advice) in [
        ("/ops/0/execution/timeout", json!(60), "/timeout: is not supported", "`--timeout`"),
        ("/ops/0/args/aliases", json!(["db"]), "/aliases: is not supported", "`%%ops.ID.host%%`"),
        ("/ops/0/args/ssh", json!({}), "/ssh: is not supported", "`nosana job connect`"),
        ("/logistics", json!({}), "/logistics: is not supported", "`--private`"),
        (
            "/ops/0/args/expose",
            socket,
            "/expose/0/health_checks/0/type: cannot be `websocket`",
            "use `tcp`",
        ),
        (
            "/ops/0/args/resources",
            buckets,
            "/resources/0/buckets: is not supported",
            "a resource of its own",
        ),
        ("/ops/0/results", node_log, "/results/a: cannot search `nodeerr`", "`stdout`"),
        ("/ops/0/args/env", spread, "/env/__spread__: is not supported", "write the fields"),
    ] {
        let json = with_field_at(pointer, value);
        assert!(read_definition(&json).is_err(), "{pointer}");
        let problems = Document::Published.problems(&json);
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let found = problems.iter().find(|problem| problem.contains(expected));
        let found = found.unwrap_or_else(|| panic!("{expected}: {problems:?}"));
        assert!(found.contains(advice), "{found}");
    }
}

#[test]
fn a_timeout_elsewhere_is_an_unknown_field() {
    let problems = Document::Published.problems(&with_field_at("/ops/0/args/timeout", json!(1)));
    assert_eq!(problems.len(), 1);
    assert!(problems[0].problem.starts_with("is not a known field"), "{problems:?}");
}
