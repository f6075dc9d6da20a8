//! A client's day on the command line: a local network with a GPU node, and `nosana job` beside it.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

/// `nosana localnet` on a port of its own, until it is dropped.
struct Network {
    process: Child,
    url: String,
    keys: PathBuf,
    store: PathBuf,
}

impl Network {
    fn start(with_node: bool) -> Self {
        let deploy = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/deploy");
        let mut command = Command::new(env!("CARGO_BIN_EXE_nosana"));
        command.args(["localnet", "--port", "0"]).args(with_node.then_some("--with-node"));
        if std::env::var_os("SBF_OUT_DIR").is_none() {
            command.env("SBF_OUT_DIR", deploy);
        }
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (mut url, mut keys, mut store) = (None, None, None);
        for line in BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok) {
            let (name, value) = line.split_once(' ').unwrap_or((&line, ""));
            let value = value.trim().to_owned();
            match name {
                "rpc" => url = Some(value),
                "keys" => keys = Some(value),
                "store" => store = Some(value),
                "Ready." => break,
                _ => {}
            }
        }
        let [url, keys, store] = [url, keys, store].map(|told| told.expect("the network tells where everything is"));
        Self { process, url, keys: keys.into(), store: store.into() }
    }

    fn job(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nosana"));
        command.arg("job").args(arguments).args(["--url", &self.url]);
        command.arg("--keypair").arg(self.keys.join("client.json")).arg("--store").arg(&self.store);
        command.stdin(Stdio::null()).output().unwrap()
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.job(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.job(arguments);
        assert!(!output.status.success(), "{arguments:?} went through");
        String::from_utf8(output.stderr).unwrap()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // SIGTERM, so that it clears up what it wrote.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

#[test]
fn a_job_is_listed_waited_for_and_read() {
    let network = Network::start(true);
    let printed = network.done(&["embed", "A cat sits on a mat.", "The rain stops.", "--yes", "--wait", "--json"]);
    let result: Value = serde_json::from_str(&printed).unwrap();
    let vectors = result["outputs"]["embed"]["embeddings"].as_array().unwrap();
    assert_eq!(vectors.len(), 2);
    for vector in vectors {
        let length: f64 = vector.as_array().unwrap().iter().map(|x| x.as_f64().unwrap().powi(2)).sum();
        assert!((length - 1.0).abs() < 1e-3, "{length}");
    }
    let job = result["job"].as_str().unwrap();
    let again: Value = serde_json::from_str(&network.done(&["wait", job, "--json"])).unwrap();
    assert_eq!(again, result);
    let shown: Value = serde_json::from_str(&network.done(&["show", job, "--json"])).unwrap();
    assert_eq!((&shown["state"], &shown["reason"]), (&"Settled".into(), &"Completed".into()));
    assert!(network.refused(&["cancel", job]).contains("it is settled (Completed)"));
}

#[test]
fn a_job_that_waits_can_be_extended_and_taken_back() {
    let network = Network::start(false);
    assert!(network.refused(&["embed", "Nobody is asked."]).contains("--yes"));
    assert!(network.refused(&["embed", "Too dear.", "--yes", "--max-price", "1"]).contains("--max-price 1"));
    assert!(network.refused(&["embed", "Too long.", "--yes", "--timeout", "999999999"]).contains("--timeout"));
    let job = network.done(&["embed", "One", "--yes"]).trim().to_owned();
    assert!(network.done(&["extend", &job, "60"]).contains("660 s"));
    assert!(network.refused(&["stop", &job]).contains("nosana job cancel"));
    assert!(network.done(&["cancel", &job]).contains("0.036300 NOS came back"));
    assert!(network.done(&["list"]).contains("Cancelled"));
    assert!(network.refused(&["collect", &job]).contains("NothingToCollect"));
}
