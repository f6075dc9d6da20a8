//! Collateral that a node has kept.

use crate::owner_network::OwnerNetwork;

#[tokio::test(flavor = "multi_thread")]
async fn kept_collateral_is_released_alone_and_before_a_withdrawal() {
    let here = OwnerNetwork::start().await;
    let network = &here.network;
    assert!(network.refused("node", &["node", "release"]).contains("nosana node setup"));
    network.done("node", &["node", "setup", "--stake", "1000", "--days", "365", "--yes"]);
    let shown = |subcommand: &[&str]| {
        let stake = network.json("node", subcommand)["stake"].clone();
        (stake["locked"].as_u64().unwrap(), stake["idle_collateral"].as_u64().unwrap())
    };

    here.wait_and_leave().await;
    assert_eq!(shown(&["node", "status"]), (10_000_000, 10_000_000));
    assert_eq!(shown(&["stake", "show"]), (10_000_000, 10_000_000));
    for subcommand in [["node", "status"], ["stake", "show"]] {
        let text = network.done("node", &subcommand);
        assert!(text.contains("idle         10.000000 NOS"), "{text}");
    }
    // The slot uses what the node has kept.
    here.wait_and_leave().await;
    assert_eq!(shown(&["node", "status"]), (10_000_000, 10_000_000));

    let released = network.json("node", &["node", "release"]);
    assert_eq!((&released["released"], &released["locked"]), (&10_000_000.into(), &0.into()));
    assert_eq!(shown(&["node", "status"]), (0, 0));
    assert!(network.done("node", &["node", "release"]).contains("no collateral to release"));
    assert!(!network.done("node", &["stake", "show"]).contains("idle"));

    // All of the stake comes out, although the node has kept a part of it.
    here.wait_and_leave().await;
    network.done("node", &["stake", "unstake", "--yes"]);
    here.world.network.advance_seconds(366 * 86_400).await.unwrap();
    let cooled = network.json("node", &["stake", "show"]);
    assert_eq!(cooled["stake"]["withdrawable"], 1_000_000_000);
    let withdrawn = network.json("node", &["stake", "withdraw"]);
    assert_eq!(withdrawn["paid"], 1_000_000_000);
    assert_eq!(withdrawn["stake"]["idle_collateral"], 0);
    network.done("node", &["stake", "close"]);
    here.world.stop().await.unwrap();
}
