//! Definitions in the published schema, run by a node with a real container engine.
//!
//! | module | purpose |
//! | --- | --- |
//! | `needs` | what the node must have |
//! | `ports` | ports of containers, from the client's machine |
//! | `served` | a server that is stopped with the work that it serves |

#[path = "../../../container/tests/common/mod.rs"]
mod common;
mod needs;
#[path = "../network/mod.rs"]
mod network;
mod ports;
mod served;
#[path = "../web_files/mod.rs"]
mod web_files;

use std::{
    fs,
    os::unix::fs::symlink,
    path::PathBuf,
    thread::sleep,
    time::{Duration, Instant},
};

use network::Network;
use nosana_engine::ModelStore;
use nosana_job_spec::Digest;
use nosana_protocol::job::ReturnCause;
use serde_json::{Value, json};
use tempfile::TempDir;
use web_files::WebFiles;

/// Longest time until the client reads what the node has logged about its refusal.
const WORDS_TIME: Duration = Duration::from_secs(30);
/// A program that answers one connection to port 8080 after another with `pong`.
const SERVE: &str = "perl -e 'socket(S,2,1,0); bind(S,pack(\"Sna4x8\",2,8080,\"\\0\" x 4)) or die; \
                     listen(S,9); while(accept(C,S)){ print C \"pong\\n\"; close C }'";
/// Prints what port 8080 of `$HOST` answers.
const CALL: &str = "perl -e 'socket(S,2,1,0); \
                    connect(S,pack(\"SnC4x8\",2,8080,split(/\\./,$ENV{HOST}))) or die \"no: $!\"; \
                    print \"answer=\",<S>'";

/// A network with a node, a server of files, and a cache of the node's own.
struct Site {
    network: Network,
    web: WebFiles,
    folder: TempDir,
}

impl Site {
    /// Starts them; `None` on a machine without a container engine.
    fn start() -> Option<Self> {
        common::engine().ok()?;
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("nosana")).unwrap();
        let models = ModelStore::in_user_cache().unwrap();
        let model = models.ensure(&nosana_engine::ALL_MINILM_L6_V2).unwrap();
        symlink(model.parent().unwrap(), folder.path().join("nosana/models")).unwrap();

        let web = WebFiles::start();
        let variables = [
            ("XDG_CACHE_HOME", folder.path().to_str().unwrap()),
            ("HF_ENDPOINT", &web.origin),
            ("NOSANA_OLLAMA_REGISTRY", &web.origin),
        ];
        let network = Network::start_with(true, &variables);
        Some(Self { network, web, folder })
    }

    fn write(&self, name: &str, global: Value, ops: Value) -> PathBuf {
        let mut global = global;
        if global.get("image").is_none() {
            global["image"] = json!(common::IMAGE);
        }
        self.write_whole(name, json!({ "global": global, "ops": ops }))
    }

    /// Writes a definition with more fields than the operations and their defaults.
    fn write_whole(&self, name: &str, definition: Value) -> PathBuf {
        let mut definition = definition;
        definition["version"] = json!("0.1");
        definition["type"] = json!("container");

        let path = self.folder.path().join(name);
        fs::write(&path, definition.to_string()).unwrap();
        path
    }

    /// Runs a batch job to its end, and returns what it printed.
    fn run(&self, name: &str, global: Value, ops: Value) -> String {
        let path = self.write(name, global, ops);
        let post = ["job", "post", path.to_str().unwrap(), "--yes", "--wait"];
        self.network.done("client", &post)
    }

    /// Lists a job that no node runs, and waits until its client reads the cause and the node's
    /// words with this reason.
    fn wait_for_refusal(&self, name: &str, ops: Value, cause: ReturnCause, reason: &str) {
        let path = self.write(name, json!({}), ops);
        let listed = self.network.done("client", &["job", "post", path.to_str().unwrap(), "--yes"]);
        let job = listed.trim().to_owned();
        self.network.wait_for_log(reason);

        let until = Instant::now() + WORDS_TIME;
        let shown = loop {
            let shown = self.network.json("client", &["job", "show", &job]);
            if shown["returns"][0].is_object() && shown["node_words"].is_string() {
                break shown;
            }
            assert!(Instant::now() < until, "the client cannot read why: {shown}");
            sleep(Duration::from_millis(200));
        };
        assert_eq!(shown["returns"][0]["cause"], cause as u8, "{shown}");
        assert!(shown["node_words"].as_str().unwrap().contains(reason), "{shown}");
        self.network.done("client", &["job", "cancel", &job]);
    }
}

fn container(id: &str, args: Value) -> Value {
    json!({ "type": "container/run", "id": id, "args": args })
}

#[test]
fn variables_results_and_hosts_are_filled_in() {
    let Some(site) = Site::start() else { return };
    let global =
        json!({ "variables": { "NAME": "gpt-oss:20b", "WORD": "[%%global.variables.NAME%%]" } });
    let mut first = container(
        "%%global.variables.NAME%%",
        json!({
            "cmd": "echo word=%%global.variables.WORD%%; echo n=1; echo n=2",
            "entrypoint": "sh",
        }),
    );
    first["results"] = json!({ "numbers": "n=([0-9])", "none": "nothing" });
    let list = json!([
        "/bin/sh",
        "-c",
        "echo \"$0,$1,$2 of $ALL\"",
        "%%ops.gpt-oss:20b.results.numbers%%",
        "end",
    ]);
    let env = json!({ "ALL": "%%ops.gpt-oss:20b.results.numbers%%" });
    let second = container("second", json!({ "cmd": list, "env": env }));
    let printed = site.run("values.json", global, json!([first, second]));
    assert!(printed.contains("word=[gpt-oss:20b]"), "{printed}");
    assert!(printed.contains("1,2,end of 1 2"), "{printed}");

    // A value that does not exist is the definition's fault, and the log says so.
    let none = container("third", json!({ "cmd": "echo %%ops.gpt-oss:20b.results.none%%" }));
    let path = site.write("none.json", json!({}), json!([first_named("gpt-oss:20b"), none]));
    let output =
        site.network.run("client", &["job", "post", path.to_str().unwrap(), "--yes", "--wait"]);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success(), "{printed}");
    assert!(printed.contains("the result `none` of `gpt-oss:20b` matches nothing"), "{printed}");

    // The second one waits for the port of the first, which never ends by itself.
    let mut server = container("server", json!({ "cmd": SERVE, "expose": 8080 }));
    let mut client = container(
        "client",
        json!({ "cmd": format!("{CALL} && exit 7"), "env": { "HOST": "%%ops.server.host%%" } }),
    );
    server["execution"] = json!({ "group": "all" });
    client["execution"] = json!({ "group": "all", "depends_on": ["server"] });
    let path = site.write("hosts.json", json!({}), json!([server, client]));
    let listed = site.network.done("client", &["job", "post", path.to_str().unwrap(), "--yes"]);
    let job = listed.trim().to_owned();
    let shown = site.network.json("client", &["job", "show", &job]);
    assert_eq!(shown["kind"], "service", "a definition with a port is a service: {shown}");
    let mut log = String::new();
    for _ in 0..300 {
        log = String::from_utf8_lossy(&site.network.run("client", &["job", "logs", &job]).stdout)
            .into();
        if log.contains("answer=pong") {
            break;
        }
        sleep(Duration::from_millis(200));
    }
    assert!(log.contains("answer=pong"), "{log}");
    site.network.done("client", &["job", "stop", &job]);
}

/// An operation with the result `none`, which matches nothing.
fn first_named(id: &str) -> Value {
    let mut first = container(id, json!({ "cmd": "echo something" }));
    first["results"] = json!({ "none": "nothing" });
    first
}

#[test]
fn resources_are_fetched_checked_and_shared() {
    let Some(site) = Site::start() else { return };
    let digest = Digest::of(b"weights of a model").to_string();
    site.web.put("/files/words.txt", b"some words");
    site.web.put("/org/model/resolve/0a1b/sub/weights.bin", b"weights of a model");
    let weights =
        json!({ "rfilename": "sub/weights.bin", "size": 18, "lfs": { "sha256": digest } });
    let revision = json!({ "sha": "0a1b", "siblings": [weights, { "rfilename": "README.md" }] });
    let path = "/api/models/org/model/revision/main?blobs=true";
    site.web.put(path, revision.to_string().as_bytes());
    let objects = "<ListBucketResult><Contents><Key>b/settings</Key><ETag>1</ETag><Size>3</Size>\
                   </Contents></ListBucketResult>";
    site.web.put("/a/?list-type=2&prefix=b%2F", objects.as_bytes());
    site.web.put("/a/b/settings", b"old");
    site.web.put(&format!("/v2/library/tiny/blobs/sha256:{digest}"), b"weights of a model");
    let blob = json!({ "digest": format!("sha256:{digest}"), "size": 18 });
    let manifest = json!({ "schemaVersion": 2, "config": blob, "layers": [blob] }).to_string();
    site.web.put("/v2/library/tiny/manifests/1b", manifest.as_bytes());

    let origin = &site.web.origin;
    let words = Digest::of(b"some words").to_string();
    let resources = json!([
        { "type": "HF", "repo": "org/model", "files": ["sub/weights.bin"], "target": "/models/" },
        { "type": "S3", "url": format!("{origin}/a/b"), "target": "/settings", "allowWrite": true },
        {
            "type": "http",
            "url": format!("{origin}/files/words.txt"),
            "sha256": words,
            "target": "/models/words",
        },
        { "type": "Ollama", "model": "tiny:1b" },
    ]);
    let line = format!(
        "cat /models/weights.bin /models/words/words.txt; ls /models; \
         echo new >> /settings/settings && cat /settings/settings; \
         echo x 2> /dev/null > /models/x || echo read-only; \
         cat /root/.ollama/models/blobs/sha256-{digest}; \
         ls /root/.ollama/models/manifests/registry.ollama.ai/library/tiny"
    );
    let ops = json!([container("a", json!({ "cmd": line, "resources": resources }))]);
    let printed = site.run("resources.json", json!({}), ops.clone());
    for expected in [
        "weights of a modelsome words",
        "weights.bin\nwords\n",
        "oldnew",
        "read-only",
        "weights of a model1b\n",
    ] {
        assert!(printed.contains(expected), "{expected}: {printed}");
    }

    // What is known stays: the second job fetches descriptions only.
    let requests = site.web.count_requests("/org/model/resolve/0a1b/sub/weights.bin");
    site.run("again.json", json!({}), ops);
    assert_eq!(site.web.count_requests("/org/model/resolve/0a1b/sub/weights.bin"), requests);
    let cache = site.folder.path().join("nosana/resources");
    let entries = fs::read_dir(&cache).unwrap().flatten().filter(|it| it.path().is_dir());
    assert_eq!(entries.count(), 4, "one for each resource");

    let missing = json!([{ "type": "http", "url": format!("{origin}/none"), "target": "/data" }]);
    let ops = json!([container("a", json!({ "cmd": "true", "resources": missing }))]);
    let reason = format!("{origin}/none: it answers 404");
    site.wait_for_refusal("missing.json", ops, ReturnCause::ContentUnavailable, &reason);

    // The engine looks for it at this machine's own port 443, which no registry has.
    let image = "localhost/nosana-no-such-image:1";
    let ops = json!([container("a", json!({ "cmd": "true", "image": image }))]);
    let reason = format!("the image `{image}` ");
    site.wait_for_refusal("no-image.json", ops, ReturnCause::ImageUnavailable, &reason);
}
