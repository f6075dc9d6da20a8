//! A panel whose nodes work in another market than the disputed job. Without `--panel`, enrolled
//! nodes of either market take no seats.

use std::{collections::BTreeSet, fs, process::Command, time::Duration};

use nosana_client::{
    actions,
    jobs::accounts::{Dispute, Market, Node},
    pda,
};
use nosana_engine::{ALL_MINILM_L6_V2, ModelStore};
use nosana_protocol::{dispute::sketch::Sketch, job::Reason};
use serde_json::Value;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use tempfile::NamedTempFile;
use tokio::time::{sleep, timeout};

use crate::{
    lies::{assert_slashed, convict_liar, register_node, send_as, submit_lie, until_opening},
    site::NodeProcess,
    trial::{PANEL_FEE, PATIENCE, Trial, terms},
};

/// What an owner adds to its stake, in base units: as much as each owner has staked.
const ADDED_STAKE: u64 = 1_000_000_000;

/// Opens a second market, which takes verified jobs on the terms of the first one.
async fn open_market(trial: &Trial) -> Address {
    let template =
        Command::new(env!("CARGO_BIN_EXE_nosana")).args(["market", "template"]).output().unwrap();
    let mut edited: Value = serde_json::from_slice(&template.stdout).unwrap();
    let wanted = terms();
    for (term, value) in [
        ("challenge_seconds", wanted.challenge_seconds),
        ("start_seconds", wanted.start_seconds),
        ("dispute_seconds", wanted.dispute_seconds),
        ("panel_fee_bps", wanted.panel_fee_bps.into()),
        ("min_collateral_ratio", wanted.min_collateral_ratio),
    ] {
        edited[term] = value.into();
    }
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), edited.to_string()).unwrap();

    let printed = trial.done(&["market", "open"], &[file.path().to_str().unwrap(), "--yes"]);
    let market: Address = printed.trim().parse().expect(&printed);
    let opened: Market = trial.site.world.session.fetch_account(&market).await.unwrap();
    assert_eq!(opened.terms, wanted);
    market
}

/// Enrols the owner's node, with twice the weight of a panelist, and starts it without `--panel`.
/// If it sought a seat, it would nearly always get one.
async fn start_without_panel(trial: &Trial, owner: &Keypair, arguments: &[&str]) -> NodeProcess {
    let address = owner.pubkey();
    register_node(trial, owner).await;
    let top_up = actions::top_up_stake(address, trial.site.world.mint, ADDED_STAKE);
    send_as(trial, owner, top_up.into()).await;
    send_as(trial, owner, actions::enrol_panelist(address, true).into()).await;

    trial.site.node_of(owner, arguments, None)
}

/// The panel consists of the trial's owners, whose nodes wait for jobs in `market` and not in that
/// of the dispute. The nodes of `others` were enrolled at the draw, too, and have no seat.
async fn assert_panel(trial: &Trial, dispute: &Dispute, market: Address, others: &[&Keypair]) {
    let session = &trial.site.world.session;
    assert_eq!(dispute.market, trial.site.world.market);
    let judges: BTreeSet<Address> =
        trial.owners.iter().map(|owner| pda::jobs::node(&owner.pubkey())).collect();
    let seated: BTreeSet<Address> = dispute.seats.iter().map(|seat| seat.node).collect();
    assert_eq!(seated, judges);

    let of_dispute = session.fetch_queue(&dispute.market).await.unwrap();
    assert!(judges.iter().all(|node| of_dispute.find_cell(node).is_none()));
    // While it judges, a node waits for no job.
    let returned = async {
        loop {
            let elsewhere = session.fetch_queue(&market).await.unwrap();
            if judges.iter().all(|node| elsewhere.find_cell(node).is_some()) {
                return;
            }
            sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(PATIENCE, returned).await.expect("the panelists return to their market's queue");

    let mut weights = Vec::new();
    for owner in trial.owners.iter().chain(others.iter().copied()) {
        let node = pda::jobs::node(&owner.pubkey());
        weights.push(session.fetch_account::<Node>(&node).await.unwrap().panel_weight);
    }
    assert!(weights.iter().all(|weight| *weight > 0), "{weights:?}");
    assert_eq!(dispute.panel_weight, weights.iter().sum::<u64>(), "the draw counts all of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_liar_is_convicted_by_nodes_of_another_market() {
    // A node downloads no model for a seat in another market.
    ModelStore::in_user_cache().unwrap().ensure(&ALL_MINILM_L6_V2).unwrap();
    let trial = Trial::start().await;
    let site = &trial.site;
    let second = open_market(&trial).await;
    let [liar, here, there] =
        [site.another_owner().await, site.another_owner().await, site.another_owner().await];

    // The node of the job's market draws the panel. It takes no jobs: no market pays that much.
    let [job_market, panel_market] = [site.world.market, second].map(|market| market.to_string());
    let others = [
        start_without_panel(&trial, &here, &["--market", &job_market, "--min-price", "1"]).await,
        start_without_panel(&trial, &there, &["--market", &panel_market]).await,
    ];
    // From here on, each panelist lists the disputes of other markets every half minute.
    let panel = trial.start_panel_with(&["--panel", "--market", &panel_market], [None; 3]).await;
    for node in &others {
        node.says("Working.").await;
    }
    let panel_before = trial.panel_tokens().await;

    let trace = Sketch([0x5a; 32]);
    let job = submit_lie(&trial, &liar, &trace).await;
    trial.submitted(job).await;
    let printed = trial.done(&["job", "challenge"], &[&job.to_string(), "--yes"]);
    let dispute: Address = printed.trim().parse().expect(&printed);
    let stored = until_opening(&trial, dispute).await;
    let resolved = convict_liar(&trial, &liar, (dispute, &stored), &trace).await;

    assert_panel(&trial, &resolved, second, &[&here, &there]).await;
    assert_eq!(site.job(job).await.reason, Reason::ResultWrong as u8);
    assert_slashed(&trial, &liar).await;
    for (before, after) in panel_before.iter().zip(trial.panel_tokens().await) {
        assert_eq!(after - before, PANEL_FEE);
    }

    drop((others, panel));
    trial.site.world.stop().await.unwrap();
}
