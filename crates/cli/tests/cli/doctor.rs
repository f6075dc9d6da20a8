//! `nosana doctor`: what it finds, and what it says to do.

use std::process::Command;

use nosana_client::jobs;
use serde_json::Value;

use super::network::Network;

/// On a network that works, and with an address and a key behind which there is nothing.
pub fn the_doctor_finds_what_is_wrong_and_says_what_to_do(network: &Network) {
    let outcome = |report: &Value, check: &str| {
        let checks = report["checks"].as_array().unwrap();
        let found = checks.iter().find(|one| one["check"] == check);
        found.map(|one| one["outcome"].as_str().unwrap().to_owned())
    };
    // The options of the network come after the second word.
    let report = network.done("client", &["doctor", "--json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    for check in ["network", "websocket", "programs", "key", "wallet", "store"] {
        assert_eq!(outcome(&report, check).as_deref(), Some("good"), "{report}");
    }
    let text = report.to_string();
    let digest = Network::digest_program(jobs::NAME);
    assert!(text.contains(&format!("sha256 {digest}")), "{digest}: {text}");
    for check in ["clock", "GPU", "sandbox", "containers"] {
        assert!(outcome(&report, check).is_some(), "{check}: {report}");
    }

    let key = network.keys.join("none.json");
    let key = key.to_str().unwrap();
    let mut sick = Command::new(env!("CARGO_BIN_EXE_nosana"));
    sick.args(["doctor", "--json", "--url", "http://127.0.0.1:1", "--keypair", key]);
    let sick = sick.output().unwrap();
    assert_eq!(sick.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&sick.stdout).unwrap();
    assert_eq!(outcome(&report, "network").as_deref(), Some("bad"));
    assert_eq!(outcome(&report, "key").as_deref(), Some("bad"));
    let text = report.to_string();
    assert!(text.contains("nosana localnet") && text.contains("nosana wallet new"), "{text}");
}
