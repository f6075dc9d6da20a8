//! A dispute for which no panelist comes, and whose node is silent: clocks and a stranger with
//! `nosana dispute crank` end it, and the node is paid as if nobody had disputed its result.

use std::{
    process::Output,
    time::{Duration, Instant},
};

use nosana_client::{
    jobs::accounts::{Dispute, Node},
    pda,
    staking::accounts::Stake,
};
use nosana_protocol::{
    dispute::{phase::Phase, sketch::Sketch, votes::Outcome},
    job::Reason,
};
use serde_json::Value;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    honest_results::earnings,
    lies::submit_lie,
    site::EVENT_TIMEOUT,
    trial::{PHASE, TIMEOUT, Trial, finish, terms},
};

/// Runs `nosana dispute crank` with the key of a stranger.
fn run_crank(trial: &Trial, stranger: &Keypair, about: Address, arguments: &[&str]) -> Output {
    let network = &trial.site.world.network;
    let (rpc, ws) = (network.rpc_url(), network.ws_url());
    let mut command = trial.site.nosana(stranger, &["dispute", "crank"], &rpc, &ws);
    command.arg(about.to_string()).args(arguments).output().unwrap()
}

/// The stranger cranks until something is done; returns what the command prints.
async fn crank_once_due(
    trial: &Trial,
    stranger: &Keypair,
    about: Address,
    arguments: &[&str],
) -> String {
    let begun = Instant::now();
    loop {
        let Output { status, stdout, stderr } = run_crank(trial, stranger, about, arguments);
        if status.success() {
            return String::from_utf8(stdout).unwrap();
        }
        assert!(begun.elapsed() < EVENT_TIMEOUT, "{}", String::from_utf8_lossy(&stderr));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// The stranger draws the panel, whose slot is some seconds away; once more if the network has
/// forgotten that slot meanwhile. No node is enrolled.
async fn draw_panel(trial: &Trial, stranger: &Keypair, address: Address) {
    let session = &trial.site.world.session;
    loop {
        assert_eq!(crank_once_due(trial, stranger, address, &[]).await, "draw_panel: done\n");
        let dispute: Dispute = session.fetch_account(&address).await.unwrap();
        if dispute.drawn_at != 0 {
            return;
        }
    }
}

/// The stranger cranks while nothing is due, and reads why.
fn assert_refused(trial: &Trial, stranger: &Keypair, about: Address, words: &str) {
    let Output { status, stderr, .. } = run_crank(trial, stranger, about, &[]);
    let error = String::from_utf8_lossy(&stderr);
    assert!(!status.success() && error.contains(words), "{words}: {error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_ends_a_dispute_with_neither_node_nor_panel() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let liar = site.another_owner().await;
    let stranger = site.world.create_wallet(1_000_000_000, 1).await.unwrap();
    let job = submit_lie(&trial, &liar, &Sketch([0x5a; 32])).await;
    let submitted = trial.submitted(job).await;
    let dispute = pda::jobs::dispute(&job, submitted.attempt_id);
    let node_before = site.tokens(&liar).await;
    let client_before = site.tokens(&site.world.client).await;
    let (status, log) = finish(trial.client(&["job", "challenge"], &[&job.to_string(), "--yes"]));
    assert_eq!(status, Some(0), "{log}");

    draw_panel(&trial, &stranger, dispute).await;
    assert_refused(&trial, &stranger, job, "nothing is due: nodes take seats: 0 of 3");
    site.world.network.advance_seconds(u64::from(PHASE) + 1).await.unwrap();

    let printed = crank_once_due(&trial, &stranger, job, &["--json"]).await;
    let resolved: Value = serde_json::from_str(&printed).expect(&printed);
    assert_eq!(
        (&resolved["did"], &resolved["dispute"]),
        (&Value::from("resolve"), &Value::from(dispute.to_string()))
    );
    let account: Dispute = site.world.session.fetch_account(&dispute).await.unwrap();
    assert_eq!((account.phase, account.outcome), (Phase::Resolved as u8, Outcome::Undecided as u8));
    assert_eq!(crank_once_due(&trial, &stranger, dispute, &[]).await, "close_dispute: done\n");
    assert_refused(&trial, &stranger, job, "has no dispute");

    // The bond is back, and the collateral is the node's for its next job.
    let settled = site.settled(job).await;
    assert_eq!(settled.reason, Reason::Completed as u8);
    let (pay, fee) = earnings(&settled);
    assert_eq!(site.tokens(&liar).await, node_before + pay);
    let client = site.tokens(&site.world.client).await;
    assert_eq!(client, client_before + TIMEOUT * 55 - pay - fee);
    assert_eq!(site.tokens(&stranger).await, 1, "nobody pays a crank");
    let session = &site.world.session;
    let stake: Stake = session.fetch_account(&pda::staking::stake(&liar.pubkey())).await.unwrap();
    let node: Node = session.fetch_account(&pda::jobs::node(&liar.pubkey())).await.unwrap();
    let collateral = terms().collateral_per_job;
    assert_eq!((stake.locked, stake.slashed, node.idle_collateral), (collateral, 0, collateral));
    trial.audit_market(fee).await;

    trial.site.world.stop().await.unwrap();
}
