//! What the node must have, by the container or by the remarks of the whole definition.

use serde_json::{Value, json};

use super::{Site, common::IMAGE, container};

/// Lists a definition that needs so much GPU memory: its client is warned, and no node runs it.
fn list_unmet_need(site: &Site, name: &str, definition: Value, mib: u64) {
    let path = site.write_whole(name, definition);
    let output = site.network.run("client", &["job", "post", path.to_str().unwrap(), "--yes"]);
    let warning = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{warning}");
    assert!(warning.contains(&format!("{mib} MiB are required")), "{warning}");

    let job = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    site.network.wait_for_log(&format!("it needs {mib} MiB of GPU memory, and "));
    site.network.done("client", &["job", "cancel", &job]);
}

#[test]
fn a_node_with_too_little_memory_refuses_and_the_client_is_warned() {
    let Some(site) = Site::start() else { return };
    let global = json!({ "image": IMAGE });
    let meta = json!({ "system_requirements": { "vram_total_mb": 800_000 } });

    // What the whole definition needs counts for containers with a GPU.
    let ops = json!([container("a", json!({ "cmd": "echo it runs" }))]);
    let definition = json!({ "meta": meta, "global": global, "ops": ops });
    let path = site.write_whole("no-gpu.json", definition);
    let post = ["job", "post", path.to_str().unwrap(), "--yes", "--wait"];
    assert!(site.network.done("client", &post).contains("it runs"));
    let ops = json!([container("a", json!({ "cmd": "true", "gpu": true }))]);
    let definition = json!({ "meta": meta, "global": global, "ops": ops });
    list_unmet_need(&site, "meta.json", definition, 762_939);

    let args = json!({ "cmd": "true", "gpu": true, "required_vram": 900 });
    let definition = json!({ "global": global, "ops": [container("a", args)] });
    list_unmet_need(&site, "large.json", definition, 858_306);
}
