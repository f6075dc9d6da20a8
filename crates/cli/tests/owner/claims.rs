//! All that is owed to an owner, claimed at once.

use nosana_client::actions;
use serde_json::Value;
use solana_address::Address;
use solana_signer::Signer;

use crate::{owner_network::OwnerNetwork, step_outcomes};

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_owed_is_claimed_at_once() {
    let here = OwnerNetwork::start().await;
    let world = &here.world;
    let network = &here.network;
    let owner = world.node.pubkey().to_string();
    let poor = network.refused("poor", &["node", "setup", "--yes"]);
    assert!(
        poor.contains("0.000000000 SOL and needs")
            && poor.contains("0.000000 NOS and needs 90.680590"),
        "{poor}"
    );
    network.done("node", &["node", "setup", "--stake", "1000", "--days", "365", "--yes"]);
    network.done("node", &["rewards", "enter"]);
    network.done("node", &["stake", "offer", "--commission-bps", "5000"]);
    network.done("client", &["stake", "delegate", &owner, "1000", "--yes"]);
    let job: Address =
        network.done("client", &["job", "embed", "A cat", "--yes"]).trim().parse().unwrap();

    // The slot follows the job. Its payment finds no token account, and remains a credit.
    let slot = |status: &Value| {
        let slot = &status["node"]["slots"][0];
        (
            slot["state"].as_str().unwrap().to_owned(),
            slot["job"].as_str().unwrap_or_default().to_owned(),
        )
    };
    here.send_as_node(actions::work(world.node.pubkey(), world.market, 1)).await;
    assert_eq!(
        slot(&network.json("node", &["node", "status"])),
        ("offered".to_owned(), job.to_string())
    );
    here.send_as_node(actions::start(world.node.pubkey(), job, &here.job(&job).await)).await;
    let running = network.json("node", &["node", "status"]);
    assert_eq!(slot(&running), ("running".to_owned(), job.to_string()));
    assert_eq!(running["stake"]["locked"], 10_000_000);
    assert!(
        network
            .refused("node", &["node", "setup", "--slots", "4", "--yes"])
            .contains("nosana node drain")
    );
    assert_eq!(network.json("node", &["node", "drain"])["busy_slots"], 1);
    network.done("node", &["node", "drain", "--off"]);
    here.close_tokens().await;
    here.send_as_node(actions::finish(
        world.node.pubkey(),
        job,
        &here.job(&job).await,
        world.node.pubkey(),
        [7; 32],
        actions::NO_TRACE,
    ))
    .await;
    let pay = here.job(&job).await.node_credit;
    assert!(pay > 0);

    // One epoch until the fund becomes income, and one until it is paid out. Commission is owed
    // once the delegation is settled.
    network.done("client", &["rewards", "fund", "100", "--yes"]);
    world.network.advance_seconds(2 * 3_600 + 60).await.unwrap();
    network.done("client", &["stake", "claim-delegated", &owner]);
    let status = network.json("node", &["node", "status"]);
    let (rewards, commission) = (&status["claimable_rewards"], &status["stake"]["commission_owed"]);
    assert_eq!(status["unpaid"], pay);
    assert!(rewards.as_u64().unwrap() > 0 && commission.as_u64().unwrap() > 0, "{status}");
    assert!(status["next"].to_string().contains("nosana node claim"));
    assert!(status["next"].to_string().contains("creates the token account"));

    let claimed = network.json("node", &["node", "claim"]);
    let amounts: Vec<_> =
        claimed["claimed"].as_array().unwrap().iter().map(|one| &one["amount"]).collect();
    assert_eq!(amounts.len(), 3, "{claimed}");
    assert_eq!((amounts[0], amounts[2]), (&pay.into(), commission));
    assert!(amounts[1].as_u64() >= rewards.as_u64(), "the clock advanced");
    let tokens = world
        .session
        .fetch_token_balance(&world.token_account(&world.node.pubkey()))
        .await
        .unwrap();
    assert_eq!(claimed["total"], tokens);
    let after = network.json("node", &["node", "status"]);
    assert_eq!((&after["unpaid"], &after["node"]["jobs_completed"]), (&0.into(), &1.into()));
    assert_eq!((&after["node"]["earned"], slot(&after).0), (&pay.into(), "free".to_owned()));
    let again = network.json("node", &["node", "claim"]);
    assert!(
        again["claimed"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["what"] == "rewards of the stake"),
        "{again}"
    );

    // The account is closed once more; this time the setup creates it.
    here.close_tokens().await;
    let setup = network.json("node", &["node", "setup", "--yes"]);
    assert_eq!(step_outcomes(&setup), [("payout", true), ("stake", false), ("register", false)]);
    assert!(!network.done("node", &["node", "status"]).contains("creates the token account"));
    here.world.stop().await.unwrap();
}
