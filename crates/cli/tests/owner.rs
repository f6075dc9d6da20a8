//! The commands of a node's owner: setup, status, drain, release, claim.

mod network;

use std::{fs, process::Command};

use nosana_client::{actions, jobs::accounts::Job, pda, token};
use nosana_localnet::{World, WorldConfig, windowless_terms};
use serde_json::Value;
use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signer::Signer;
use tempfile::TempDir;

use network::Network;

/// The steps of a setup, and whether each sent a transaction.
fn step_outcomes(setup: &Value) -> Vec<(&str, bool)> {
    let steps = setup["steps"].as_array().unwrap().iter();
    steps.map(|step| (step["step"].as_str().unwrap(), step["did"].as_bool().unwrap())).collect()
}

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

/// A network in this process, whose clock can be moved.
struct OwnerNetwork {
    world: World,
    network: Network,
    _files: TempDir,
}

impl OwnerNetwork {
    async fn start() -> Self {
        let terms = windowless_terms();
        let config = match std::env::var_os("SBF_OUT_DIR") {
            Some(folder) => {
                WorldConfig { programs_folder: folder.into(), terms, ..WorldConfig::default() }
            }
            None => WorldConfig { terms, ..WorldConfig::default() },
        };
        let world = World::start(config, |_| ()).await.unwrap();
        let files = tempfile::tempdir().unwrap();
        let (keys, store) = (files.path().join("keys"), files.path().join("store"));
        fs::create_dir(&keys).unwrap();
        let write = |name: &str, key: &Keypair| {
            fs::write(keys.join(name), serde_json::to_vec(&key.to_bytes().to_vec()).unwrap())
                .unwrap();
        };
        for (name, key) in [
            ("client.json", &world.client),
            ("node.json", &world.node),
            ("poor.json", &Keypair::new()),
        ] {
            write(name, key);
        }
        let network = Network::beside(world.network.rpc_url(), keys, store);
        Self { world, network, _files: files }
    }

    async fn send_as_node(&self, instruction: impl Into<Instruction>) {
        self.world
            .session
            .send_transaction(&[instruction.into()], &self.world.node, &[])
            .await
            .unwrap();
    }

    /// Takes a slot, and leaves the queue again.
    async fn wait_and_leave(&self) {
        let (owner, market) = (self.world.node.pubkey(), self.world.market);
        self.send_as_node(actions::work(owner, market, 1)).await;

        let queue = self.world.session.fetch_queue(&market).await.unwrap();
        let cell = queue.find_cell(&pda::jobs::node(&owner)).unwrap();
        self.send_as_node(actions::leave(owner, market, cell)).await;
    }

    async fn job(&self, address: &Address) -> Job {
        self.world.session.fetch_account(address).await.unwrap()
    }

    /// Empties and closes the node's token account.
    async fn close_tokens(&self) {
        let (node, mint) = (self.world.node.pubkey(), self.world.mint);
        let [from, to] =
            [node, self.world.client.pubkey()].map(|owner| self.world.token_account(&owner));
        let all = self.world.session.fetch_token_balance(&from).await.unwrap();
        self.send_as_node(token::transfer_tokens(&from, &to, &mint, &node, all).unwrap()).await;
        let accounts = vec![
            AccountMeta::new(from, false),
            AccountMeta::new(node, false),
            AccountMeta::new_readonly(node, true),
        ];

        // The token program's ninth instruction closes an account.
        self.send_as_node(Instruction { program_id: token::PROGRAM, accounts, data: vec![9] })
            .await;
    }
}

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
