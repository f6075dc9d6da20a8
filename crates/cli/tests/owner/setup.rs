//! A node that is set up once, and one that a market would refuse.

use std::{fs, process::Command};

use serde_json::Value;
use solana_address::Address;

use crate::{network::Network, step_outcomes};

#[test]
fn setup_is_done_once_and_a_node_drains() {
    let network = Network::start(false);
    let before = network.json("node", &["node", "status"]);
    assert_eq!((&before["registered"], &before["stake"]), (&false.into(), &Value::Null));
    assert!(before["next"][0].as_str().unwrap().contains("nosana node setup"));
    assert!(network.refused("node", &["node", "drain"]).contains("nosana node setup"));

    // Without confirmation nothing is staked.
    assert!(network.refused("node", &["node", "setup", "--days", "365"]).contains("--yes"));
    assert!(
        network
            .refused("node", &["node", "setup", "--stake", "24", "--days", "365", "--yes"])
            .contains("25.000000")
    );
    assert_eq!(network.json("node", &["node", "status"])["stake"], Value::Null);

    let state = tempfile::tempdir().unwrap();
    let folder = state.path().to_str().unwrap();
    let setup = ["node", "setup", "--days", "365", "--slots", "2", "--state", folder, "--yes"];
    let setup = network.json("node", &setup);
    assert_eq!(step_outcomes(&setup), [("payout", false), ("stake", true), ("register", true)]);
    assert_eq!(
        (&setup["stake"]["amount"], &setup["stake"]["xnos"]),
        (&27_000_000.into(), &108_000_000.into()),
        "100 xNOS at four times the weight, and a penalty for each of two slots"
    );
    let owner = setup["owner"].as_str().unwrap();
    let terms = state.path().join(format!("node-{owner}.terms.json"));
    let accepted: Value = serde_json::from_slice(&fs::read(terms).unwrap()).unwrap();
    let market = setup["market"].as_str().unwrap();
    assert_eq!(accepted[market]["min_price_per_second"], 50);
    for again in [
        &["node", "setup"][..],
        &["node", "setup", "--days", "365", "--slots", "2", "--stake", "25"],
    ] {
        let again = network.json("node", again);
        assert_eq!(
            step_outcomes(&again),
            [("payout", false), ("stake", false), ("register", false)]
        );
    }
    assert!(
        network
            .refused("node", &["node", "setup", "--days", "20", "--yes"])
            .contains("cannot become shorter")
    );
    let status = network.json("client", &["node", "status", owner]);
    assert_eq!(
        (&status["registered"], &status["stake"]["xnos"]),
        (&true.into(), &108_000_000.into())
    );
    let by_node = network.json("client", &["node", "status", setup["node"].as_str().unwrap()]);
    assert_eq!(by_node["owner"], owner);
    let node = &status["node"];
    assert_eq!(
        (&node["capacity"], &node["reputation_bps"], &node["draining"]),
        (&2.into(), &5_000.into(), &false.into())
    );
    assert_eq!(node["slots"], serde_json::json!([{ "state": "free" }, { "state": "free" }]));
    assert!(
        node["prompt_tokens_per_second"].as_u64().unwrap() > 0
            && node["vram_mib"].as_u64().unwrap() > 0
    );
    assert_eq!(node["vram_mib"], setup["vram_mib"]);
    assert!(setup["weights_bytes_per_second"].as_u64().unwrap() > 0, "{setup}");

    // Three slots lock 30 NOS, which is more than the weight requires, and may lose 3. The GPU is
    // not measured again.
    let wider = network.json("node", &["node", "setup", "--slots", "3", "--yes"]);
    assert_eq!(step_outcomes(&wider), [("payout", false), ("stake", true), ("hardware", true)]);
    let status = network.json("node", &["node", "status"]);
    assert_eq!(
        (&status["stake"]["amount"], &status["node"]["capacity"]),
        (&33_000_000.into(), &3.into())
    );
    assert_eq!(status["node"]["hardware"], node["hardware"]);

    // A setup cancels a cooldown.
    network.done("node", &["stake", "unstake", "--yes"]);
    assert!(network.done("node", &["node", "status"]).contains("nosana stake restake"));
    let back = network.json("node", &["node", "setup", "--yes"]);
    assert_eq!(step_outcomes(&back), [("payout", false), ("restake", true), ("register", false)]);

    assert!(network.done("node", &["node", "drain"]).contains("takes no new jobs"));
    assert_eq!(network.json("node", &["node", "drain"])["changed"], false);
    assert_eq!(network.json("node", &["node", "status"])["node"]["draining"], true);
    assert!(network.done("node", &["node", "setup"]).contains("nosana node drain --off"));
    assert_eq!(network.json("node", &["node", "drain", "--off"])["changed"], true);
    assert_eq!(network.json("node", &["node", "status"])["node"]["draining"], false);
    assert!(network.done("node", &["node", "claim"]).contains("nothing is owed"));
}

#[test]
fn a_market_that_would_refuse_the_node_gets_no_stake() {
    let network = Network::start(false);
    let template = Command::new(env!("CARGO_BIN_EXE_nosana"))
        .args(["market", "template"])
        .output()
        .unwrap()
        .stdout;
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let collection = Address::new_from_array([7; 32]).to_string();
    for (id, term, value, message) in [
        (
            "21",
            "min_prompt_tokens_per_second",
            "4000000000".to_owned(),
            "tokens a second and the market requires 4000000000",
        ),
        (
            "22",
            "min_vram_mib",
            "4000000".to_owned(),
            "MiB of usable memory and the market requires 4000000 MiB",
        ),
        ("23", "min_reputation_bps", "6000".to_owned(), "has 5000"),
        ("24", "access_collection", format!("\"{collection}\""), &collection),
    ] {
        let mut terms: Value = serde_json::from_slice(&template).unwrap();
        terms[term] = serde_json::from_str(&value).unwrap();
        fs::write(path, terms.to_string()).unwrap();
        let market = network.done("client", &["market", "open", path, "--id", id, "--yes"]);
        let refused =
            network.refused("node", &["node", "setup", "--market", market.trim(), "--yes"]);
        assert!(refused.contains(message), "{term}: {refused}");
    }
    assert!(network.refused("node", &["node", "setup", "--yes"]).contains("5 markets"));
    let status = network.json("node", &["node", "status"]);
    assert_eq!((&status["registered"], &status["stake"]), (&false.into(), &Value::Null));
}
