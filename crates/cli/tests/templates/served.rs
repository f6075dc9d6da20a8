//! A server that is stopped with the work that it serves.

use serde_json::json;

use super::{CALL, SERVE, Site, container};

#[test]
fn a_server_is_stopped_with_the_work_that_it_serves() {
    let Some(site) = Site::start() else { return };
    let mut server = container("server", json!({ "cmd": SERVE, "expose": 8080 }));
    server["execution"] = json!({
        "group": "pair",
        "depends_on": ["client"],
        "stop_if_dependent_stops": true,
    });
    let env = json!({ "HOST": "%%ops.server.host%%" });
    let mut client = container("client", json!({ "cmd": CALL, "env": env }));
    client["execution"] = json!({ "group": "pair" });
    client["results"] = json!({ "%%global.variables.NAME%%__word": "answer=([a-z]+)" });
    let global = json!({ "variables": { "NAME": "tiny:1b" } });
    let path = site.write("served.json", global, json!([server, client]));

    let post = ["job", "post", path.to_str().unwrap(), "--yes", "--wait"];
    let output = site.network.run("client", &post);
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "a batch job that succeeds: {notes}");
    assert!(printed.contains("answer=pong"), "{printed}");
    assert!(notes.contains("client result tiny:1b__word: pong"), "{notes}");
    assert!(notes.contains("server / server: stopped, exit code"), "{notes}");
}
