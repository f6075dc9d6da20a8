//! Operations that are stopped with those that they serve.

use super::*;
use crate::{Dependency, DependencyEvent};

/// A server, and the client that it serves.
fn pair() -> Value {
    let stop = json!({
        "group": "pair",
        "depends_on": ["client"],
        "stop_if_dependent_stops": true,
    });
    let server = run_container("server", json!({ "expose": 80 }), stop);
    let args = json!({ "cmd": "call %%ops.server.host%%" });
    published_job(json!([server, run_container("client", args, json!({ "group": "pair" }))]))
}

#[test]
fn a_server_begins_before_its_client_and_depends_on_none() {
    let definition = read_definition(&pair()).unwrap();
    let [server, client] = &definition.ops[..] else { panic!("{definition:?}") };

    assert_eq!(
        (server.served_operations(), client.served_operations().len()),
        (&["client".to_owned()][..], 0)
    );
    assert_eq!(server.dependencies(&definition.ops), []);
    let waits = Dependency { operation: "server", until: DependencyEvent::Ready };
    assert_eq!(client.dependencies(&definition.ops), [waits]);

    let written = serde_json::to_value(&definition).unwrap();
    assert_eq!(written["ops"][0]["execution"]["stop_if_dependent_stops"], true);
    assert_eq!(read_definition(&written).unwrap(), definition);
}

#[test]
fn a_client_that_names_its_server_waits_for_its_ports_only() {
    let mut json = pair();
    json["ops"][1]["execution"]["depends_on"] = json!(["server"]);
    let definition = read_definition(&json).unwrap();
    let waits = Dependency { operation: "server", until: DependencyEvent::Ready };
    assert_eq!(definition.ops[1].dependencies(&definition.ops), [waits]);
}

#[test]
fn a_server_that_is_stopped_makes_no_service() {
    let mut json = pair();
    assert!(!read_definition(&json).unwrap().is_server(), "the work of its client ends");
    json["ops"][1]["args"]["expose"] = json!(81);
    assert!(read_definition(&json).unwrap().is_server());

    let mut lasting = pair();
    lasting["ops"][0]["execution"] = json!({ "group": "pair" });
    assert!(read_definition(&lasting).unwrap().is_server());
}

#[test]
fn a_server_needs_clients_of_its_group_that_can_begin() {
    let server = "/ops/0/execution";
    let edits: [(&str, Value, &str, &str); 6] = [
        (
            "/ops/0/execution/depends_on",
            json!([]),
            "stop_if_dependent_stops",
            "is for an operation",
        ),
        ("/ops/0/execution/depends_on", json!(["none"]), "depends_on/0", "no operation is named"),
        ("/ops/0/execution/depends_on", json!(["server"]), "depends_on", "cannot be met"),
        ("/ops/1/execution", json!({}), "depends_on/0", "`client` does not run at the same time"),
        (
            "/ops/1/execution",
            json!({
                "group": "pair",
                "depends_on": ["server"],
                "stop_if_dependent_stops": true,
            }),
            "depends_on",
            "cannot be met",
        ),
        ("/ops/0/execution/stop_if_dependent_stops", json!("yes"), "stop_if_dependent_stops", ""),
    ];
    for (pointer, value, field, problem) in edits {
        let mut json = pair();
        // Without the host, which would be refused first.
        json["ops"][1]["args"] = json!({});
        *json.pointer_mut(pointer).unwrap() = value;
        let error = read_definition(&json).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{server}/{field}: {problem}")), "{error}");
    }
}

#[test]
fn circles_of_beginnings_and_ends_are_refused() {
    // The server ends after its client, so the client cannot use its result.
    let mut json = pair();
    json["ops"][0]["results"] = json!({ "key": "a" });
    json["ops"][1]["args"]["cmd"] = json!("%%ops.server.results.key%%");
    let error = read_definition(&json).unwrap_err().to_string();
    let place = "/ops/1/args/cmd: `%%ops.server.results.key%%`: `server` waits for this operation";
    assert!(error.starts_with(place), "{error}");

    // A third one waits for the end of the server, and the client for that.
    let mut json = pair();
    json["ops"][1]["execution"]["depends_on"] = json!(["third"]);
    let third = json!({ "group": "pair", "depends_on": ["server"] });
    json["ops"].as_array_mut().unwrap().push(run_container("third", json!({}), third));
    let error = read_definition(&json).unwrap_err().to_string();
    assert!(error.starts_with("/ops/1/execution/depends_on: cannot be met"), "{error}");

    // The server waits for a result of its client.
    let mut json = pair();
    json["ops"][0]["args"]["cmd"] = json!("%%ops.client.results.key%%");
    json["ops"][1]["args"] = json!({ "cmd": "call" });
    json["ops"][1]["results"] = json!({ "key": "a" });
    json["ops"].as_array_mut().unwrap().reverse();
    let error = read_definition(&json).unwrap_err().to_string();
    let problem = "/ops/1/execution/depends_on: cannot be met: it serves `client`, which begins";
    assert!(error.starts_with(problem), "{error}");
}
