//! The commands of stakers, delegators and market authorities.

mod network;

use std::process::Command;

use network::Network;

#[test]
fn stakes_delegations_and_rewards() {
    let network = Network::start(false);
    assert!(network.refused("client", &["stake", "add", "100"]).contains("--days"));
    assert!(network.refused("client", &["stake", "add", "100", "--days", "20"]).contains("--yes"));
    let node = network.json("node", &["stake", "add", "1000", "--days", "365", "--yes"]);
    assert_eq!(
        (&node["stake"]["amount"], &node["stake"]["xnos"]),
        (&1_000_000_000_u64.into(), &4_000_000_000_u64.into())
    );
    let node = network.json("node", &["stake", "add", "0.5", "--yes"]);
    assert_eq!(node["stake"]["amount"], 1_000_500_000_u64);
    let owner = node["owner"].as_str().unwrap();

    assert!(
        network
            .refused("client", &["stake", "delegate", owner, "50", "--yes"])
            .contains("accepts no delegations")
    );
    network.done("node", &["stake", "offer", "--commission-bps", "1000"]);
    let too_expensive = ["stake", "delegate", owner, "50", "--max-commission-bps", "999", "--yes"];
    assert!(network.refused("client", &too_expensive).contains("CommissionTooHigh"));
    let client = network.json("client", &["stake", "delegate", owner, "50", "--yes"]);
    assert_eq!(client["delegations"][0]["worth"], 50_000_000);
    assert_eq!(client["stake"], serde_json::Value::Null);
    for early in [&["rewards", "claim"][..], &["rewards", "sync"], &["stake", "compound"]] {
        assert!(network.refused("node", early).contains("`nosana rewards enter` opens one"));
    }
    network.done("node", &["rewards", "enter"]);
    assert!(network.refused("node", &["rewards", "enter"]).contains("has a position already"));
    network.done("client", &["rewards", "fund", "10", "--yes"]);
    let pool = network.json("node", &["rewards", "show"]);
    assert_eq!(
        (&pool["pending"], &pool["position"]["weight"]),
        (&10_000_000.into(), &4_002_000_000_u64.into())
    );
    assert!(network.refused("node", &["rewards", "claim"]).contains("NothingToClaim"));

    network
        .done("client", &["rewards", "open-stream", "5", "--days", "1", "--cancellable", "--yes"]);
    assert_eq!(network.json("client", &["rewards", "show"])["streams"][0]["amount"], 5_000_000);
    network.done("client", &["rewards", "close-stream"]);

    let client = network.json("client", &["stake", "undelegate", owner, "--yes"]);
    assert!(!client["delegations"][0]["undelegated_at"].is_null());
    assert!(
        network
            .refused("client", &["stake", "close-delegation", owner])
            .contains("DelegationNotEmpty")
    );
    network.done("node", &["stake", "unstake", "--unsettled", "--yes"]);
    assert!(network.refused("node", &["stake", "add", "1", "--yes"]).contains("AlreadyUnstaked"));

    // Anyone ends the weight that the pool still counts.
    let pool = network.json("node", &["rewards", "show"]);
    assert_eq!(pool["position"]["weight"], 4_002_000_000_u64);
    let all = network.json("client", &["rewards", "sync", "--all"]);
    assert_eq!(all["synced"].as_array().unwrap().len(), 1);
    assert_eq!(network.json("node", &["rewards", "show"])["position"]["weight"], 0);
    assert!(network.done("client", &["rewards", "sync", "--all"]).contains("synced 0 positions"));
    network.done("client", &["rewards", "sync", "--owner", owner]);
    network.done("client", &["rewards", "sync", "--owner", owner, "--delegated"]);
    let none = network.refused("client", &["rewards", "sync", "--delegated"]);
    assert!(none.contains("no such position"), "{none}");

    let node = network.json("node", &["stake", "restake"]);
    assert_eq!(node["stake"]["unstaked_at"], serde_json::Value::Null);
    assert!(network.done("node", &["stake", "show"]).contains("delegated"));
}

#[test]
fn a_market_from_its_template_to_its_end() {
    let network = Network::start(false);
    let template =
        Command::new(env!("CARGO_BIN_EXE_nosana")).args(["market", "template"]).output().unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let cheap = String::from_utf8(template.stdout)
        .unwrap()
        .replace("\"price_per_second\": 50", "\"price_per_second\": 7");
    std::fs::write(path, &cheap).unwrap();
    let opened = network.done(
        "client",
        &["market", "open", path, "--id", "9", "--notice-seconds", "3600", "--yes"],
    );
    let market = opened.trim();
    let all = network.json("client", &["market", "list"]);
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert_eq!(
        (&all[0]["market"], &all[0]["terms"]["price_per_second"]),
        (&market.into(), &7.into())
    );
    assert!(network.refused("client", &["market", "show"]).contains("2 markets"));

    std::fs::write(path, cheap.replace(": 7", ": 8")).unwrap();
    assert!(
        network.done("client", &["market", "propose", market, path, "--yes"]).contains("in 1h")
    );
    assert!(
        network
            .refused("client", &["market", "apply", market, "--yes"])
            .contains("NothingAnnounced")
    );
    assert!(
        network
            .refused("node", &["market", "retire", market, "--yes"])
            .contains("NotMarketAuthority")
    );
    network.done("client", &["market", "retire", market, "--yes"]);
    assert!(network.done("client", &["market", "close", market, "--yes"]).contains("came back"));
    std::fs::write(path, cheap.replace("min_xnos", "min_nos")).unwrap();
    assert!(network.refused("client", &["market", "open", path, "--yes"]).contains("min_nos"));
}

#[test]
fn completions_are_printed() {
    for shell in ["bash", "zsh", "fish"] {
        let printed = Command::new(env!("CARGO_BIN_EXE_nosana"))
            .args(["completions", shell])
            .output()
            .unwrap();
        assert!(
            String::from_utf8(printed.stdout).unwrap().contains("withdraw-delegated"),
            "{shell}"
        );
    }
}
