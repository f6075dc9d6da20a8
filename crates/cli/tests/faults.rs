//! `nosana bench faults`: a node that is killed at random moments loses no job and no base unit.

use std::{fs, process::Command};

use serde_json::Value;

#[test]
fn a_node_that_is_killed_at_random_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut trial = Command::new(env!("CARGO_BIN_EXE_nosana"));
    trial.args(["bench", "faults", "--seconds", "25", "--seed", "1", "--mean-life", "5"]);
    trial.args(["--slot-ms", "50", "--quiet", "--no-open", "--out"]).arg(folder.path());
    if std::env::var_os("SBF_OUT_DIR").is_none() {
        trial.env("SBF_OUT_DIR", concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/deploy"));
    }

    let output = trial.output().unwrap();
    let log = fs::read_to_string(folder.path().join("node/node.log")).unwrap_or_default();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}\n--- the node's log\n{log}");

    let report = fs::read(folder.path().join("faults.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let count = |name: &str| report["counts"][name].as_u64().unwrap();
    assert_eq!(["lost", "paid_twice", "wrong_results"].map(count), [0; 3], "{report}");
    let ended = ["completed", "cancelled", "expired"].map(count).iter().sum::<u64>();
    assert!(count("completed") > 0 && ended == count("posted"), "{report}");

    // The lives of this seed end after 5.3, 9.2, 10.5, 18.1 and 18.1 s.
    assert!(report["node"]["kills"].as_u64().unwrap() >= 2, "{report}");
    let amount = |money: &Value, name: &str| money[name].as_u64().unwrap();
    let is_balanced = |money: &Value| {
        let paid = ["node", "refund", "network"].map(|name| amount(money, name));
        amount(money, "escrow") == paid.iter().sum::<u64>()
    };
    assert!(is_balanced(&report["money"]), "{report}");
    for job in report["jobs"].as_array().unwrap() {
        assert!(is_balanced(&job["money"]) && job["settlements"] == 1, "{job}");
    }

    let page = fs::read_to_string(folder.path().join("index.html")).unwrap();
    let kills = report["node"]["kills"].as_u64().unwrap();
    assert_eq!(page.matches("class=\"mark\"").count() as u64, kills);
}
