//! Jobs that no node runs, and texts that no model reads.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use nosana_engine::{ALL_MINILM_L6_V2, ModelStore};
use nosana_protocol::job::ReturnCause;

use crate::Client;

/// Longest time until the client of a job that no node runs knows why.
const ADVICE_TIME: Duration = Duration::from_secs(60);
/// How the words end with which a node refuses a definition that it remembers.
const REMEMBERED: &str = " (this node has refused this definition before)";

#[test]
fn a_job_that_no_node_runs_says_so() {
    let network = Client::start(true);

    // A folder that cannot be written is refused before anything is paid.
    let run = ["run", "--yes", "--wait", "--artifacts-to", "/proc/none/out", "--", "true"];
    assert!(network.refused(&run).contains("--artifacts-to"));

    // So is a text that the model does not read to its end.
    ModelStore::in_user_cache().unwrap().ensure(&ALL_MINILM_L6_V2).unwrap();
    let long = network.job(&["embed", &"Hello, world. ".repeat(200), "--yes"]);
    let printed = String::from_utf8(long.stderr).unwrap();
    assert_eq!(long.status.code(), Some(125), "{printed}");
    assert!(printed.contains("802 tokens") && printed.contains("--truncate"), "{printed}");
    assert_eq!(network.json(&["list"]), serde_json::json!([]));

    let lacking = ["run", "--yes", "--network", "--", "true"];
    let job = list_with_warning(&network, &lacking, "network access for commands");
    let listed = Instant::now();
    let shown = network.until(&["show", &job], |shown| {
        shown["returns"][0].is_object() && shown["node_words"].is_string()
    });
    let returned = &shown["returns"][0];
    let lacks = "it lacks what the definition requires";
    assert_eq!(returned["cause"], ReturnCause::Unsupported as u8);
    assert_eq!(returned["cause_text"], lacks);
    let words = shown["node_words"].as_str().unwrap();
    assert!(words.contains("this node gives commands no network"), "{words}");
    assert!(network.done(&["show", &job]).contains(&format!("node says    {words}")));
    assert_eq!((&returned["how"], &shown["attempts"]), (&"refused".into(), &0.into()));
    let owner = returned["owner"].as_str().unwrap();
    assert!(network.done(&["show", &job]).contains("refused before the start by the node of"));

    let mut waiting = Command::new(env!("CARGO_BIN_EXE_nosana"))
        .args(["job", "wait", &job, "--url", &network.url])
        .arg("--keypair")
        .arg(network.keys.join("client.json"))
        .arg("--store")
        .arg(&network.store)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(waiting.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut at_once = Vec::new();
    let advice = said
        .by_ref()
        .inspect(|line| at_once.push(line.clone()))
        .find(|line| line.contains("no node has started the job yet"));
    let waited = listed.elapsed();
    network.done(&["cancel", &job]);
    assert!(waited < ADVICE_TIME, "the reason came after {waited:?}");
    let advice = advice.expect("the wait explains itself before it ends");
    assert!(advice.contains(owner) && advice.contains("the market has one node"), "{advice}");
    let told =
        [format!(": the last node gave it back: {lacks}"), format!("the node says: {words}")];
    assert!(told.iter().all(|text| at_once.iter().any(|line| line.contains(text))), "{at_once:?}");
    assert!(said.any(|line| line.contains("the job ended without a result: Cancelled")));
    assert!(!waiting.wait().unwrap().success());

    // The machine never has so much memory: the node is not busy, and remembers the definition.
    let large = ["run", "--yes", "--memory-mib", "1000000", "--", "true"];
    let job = list_with_warning(&network, &large, "memory: 1000000 MiB are required");
    let words = wait_for_unsupported(&network, &job);
    assert!(words.contains("the job may use"), "{words}");

    // A job that was refused goes to the back of the queue: the next one comes first.
    let job = list_with_warning(&network, &large, "memory: 1000000 MiB are required");
    let again = wait_for_unsupported(&network, &job);
    assert!(again.starts_with(words.trim_end_matches(REMEMBERED)), "{again}");
    assert!(again.ends_with(REMEMBERED), "{again}");
}

/// Waits until a node has given the job back as unsupported, and returns what the node says.
fn wait_for_unsupported(network: &Client, job: &str) -> String {
    let shown = network.until(&["show", job], |shown| {
        shown["returns"][0].is_object() && shown["node_words"].is_string()
    });

    assert_eq!(shown["returns"][0]["cause"], ReturnCause::Unsupported as u8, "{shown}");
    shown["node_words"].as_str().unwrap().to_owned()
}

/// Lists a job that the market's only node cannot run, and returns its address.
fn list_with_warning(network: &Client, arguments: &[&str], lacks: &str) -> String {
    let listed = network.job(arguments);
    let printed = String::from_utf8(listed.stderr).unwrap();
    assert!(listed.status.success(), "{printed}");

    // The client reads it before anything is paid.
    let warning = printed.lines().find(|line| line.starts_with("warning  the market's only node"));
    assert!(warning.is_some_and(|warning| warning.contains(lacks)), "{printed}");
    String::from_utf8(listed.stdout).unwrap().trim().to_owned()
}
