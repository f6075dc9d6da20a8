//! The owner's token goes to the server of Hugging Face, for its repositories, and nowhere else.

mod server;

use std::{collections::BTreeSet, env, process::Command};

use nosana_fetch::ResourceCache;
use nosana_job_spec::{Digest, Resource};
use serde_json::{Value, json};
use server::Server;

/// Set in the process that fetches as a node does; its value is the list of resources.
const AS_NODE: &str = "NOSANA_FETCH_TEST_AS_NODE";
const TOKEN: &str = "hf_of_the_owner";
const WEIGHTS: &[u8] = b"weights";

/// What Hugging Face says about a revision.
fn describe_revision(files: &[&str]) -> Vec<u8> {
    let siblings: Vec<Value> = files.iter().map(|name| json!({ "rfilename": name })).collect();
    json!({ "sha": "0a1b", "siblings": siblings }).to_string().into_bytes()
}

/// Puts a file, a bucket and a model of Ollama on the server that is Hugging Face, too. Returns the
/// resources, and all paths that they request.
fn put_others(server: &Server) -> ([Value; 3], Vec<String>) {
    let digest = Digest::of(WEIGHTS).to_string();
    let blob = json!({ "digest": format!("sha256:{digest}"), "size": WEIGHTS.len() });
    let manifest = json!({ "schemaVersion": 2, "config": blob, "layers": [] }).to_string();
    let objects = "<ListBucketResult><Contents><Key>models/a.bin</Key><ETag>1</ETag><Size>7</Size>\
                   </Contents></ListBucketResult>";

    let mut paths = Vec::new();
    for (path, content) in [
        ("/org/model/resolve/main/file.bin".to_owned(), WEIGHTS),
        ("/bucket/?list-type=2&prefix=models%2F".to_owned(), objects.as_bytes()),
        ("/bucket/models/a.bin".to_owned(), WEIGHTS),
        ("/v2/library/tiny/manifests/1b".to_owned(), manifest.as_bytes()),
        (format!("/v2/library/tiny/blobs/sha256:{digest}"), WEIGHTS),
    ] {
        server.put(&path, content);
        paths.push(path);
    }

    let origin = &server.origin;
    let file = format!("{origin}/org/model/resolve/main/file.bin");
    let resources = [
        json!({ "type": "http", "url": file, "target": "/data" }),
        json!({ "type": "S3", "url": format!("{origin}/bucket/models"), "target": "/data" }),
        json!({ "type": "Ollama", "model": "tiny:1b" }),
    ];
    (resources, paths)
}

/// Fetches the resources in a process whose environment is that of a node with a token.
fn fetch_as_node(test: &str, hub: &Server, resources: &[Value]) {
    let node = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(AS_NODE, json!(resources).to_string())
        .env("HF_ENDPOINT", &hub.origin)
        .env("NOSANA_OLLAMA_REGISTRY", &hub.origin)
        .env("NOSANA_HF_TOKEN", TOKEN)
        .env("HF_TOKEN", "hf_of_other_tools")
        .output()
        .unwrap();
    assert!(node.status.success(), "{}", String::from_utf8_lossy(&node.stderr));
}

/// Fetches what the variable names; false in the test itself.
fn fetch_named() -> bool {
    let Ok(resources) = env::var(AS_NODE) else { return false };
    let resources: Vec<Resource> = serde_json::from_str(&resources).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let cache = ResourceCache::at(folder.path()).with_private_sources();
    for resource in &resources {
        cache.ensure_resource(resource).unwrap();
    }
    true
}

#[test]
fn the_token_goes_to_hugging_face_for_its_repositories_alone() {
    if fetch_named() {
        return;
    }
    let hub = Server::start();
    hub.put("/api/models/org/model/revision/main?blobs=true", &describe_revision(&["a.bin"]));
    hub.put("/org/model/resolve/0a1b/a.bin", WEIGHTS);
    let repository = json!({ "type": "HF", "repo": "org/model", "target": "/models" });
    let (others, other_paths) = put_others(&hub);

    let test = "the_token_goes_to_hugging_face_for_its_repositories_alone";
    fetch_as_node(test, &hub, &[&[repository][..], &others].concat());
    let token = BTreeSet::from([Some(format!("Bearer {TOKEN}"))]);
    for path in ["/api/models/org/model/revision/main?blobs=true", "/org/model/resolve/0a1b/a.bin"]
    {
        assert_eq!(hub.list_authorizations(path), token, "{path}");
    }
    for path in other_paths {
        assert_eq!(hub.list_authorizations(&path), BTreeSet::from([None]), "{path}");
    }
}

#[test]
fn a_redirection_to_another_server_does_not_carry_the_token() {
    if fetch_named() {
        return;
    }
    // The host is the same, and the port is another one: not the same server.
    let hub = Server::start();
    let elsewhere = Server::start();
    let list = "/api/models/org/moved/revision/main?blobs=true";
    hub.redirect(list, format!("{}/list", elsewhere.origin));
    elsewhere.put("/list", &describe_revision(&["a.bin"]));
    let file = "/org/moved/resolve/0a1b/a.bin";
    hub.redirect(file, format!("{}/a.bin", elsewhere.origin));
    elsewhere.put("/a.bin", WEIGHTS);

    let test = "a_redirection_to_another_server_does_not_carry_the_token";
    let moved = json!({ "type": "HF", "repo": "org/moved", "target": "/models" });
    fetch_as_node(test, &hub, &[moved]);
    for path in [list, file] {
        let token = BTreeSet::from([Some(format!("Bearer {TOKEN}"))]);
        assert_eq!(hub.list_authorizations(path), token, "{path}");
    }
    for path in ["/list", "/a.bin"] {
        assert_eq!(elsewhere.list_authorizations(path), BTreeSet::from([None]), "{path}");
    }
}
