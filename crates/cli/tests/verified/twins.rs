//! Results that a client checks by a twin, on a machine that runs no model: a lie is disputed, and
//! an honest result is not.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use nosana_client::{actions, jobs::accounts::Job, pda};
use nosana_protocol::{
    dispute::sketch::Sketch,
    job::{Kind, Reason, State},
    queue::Side,
};
use solana_address::Address;
use solana_signer::Signer;

use crate::{
    lies::{send_as, submit_lie, take_work, wait_for_work},
    site::EVENT_TIMEOUT,
    trial::Trial,
};

/// Why a client of these tests cannot compute a result: it knows no folder for models, and so can
/// neither find nor fetch one.
const NO_MODEL: &str = "the folder for models is not known";
/// Seconds that are left of a challenge window, beside those that a twin needs.
const SPARE_SECONDS: i64 = 120;

/// A client that waits for the job, checks its result, and has no model: a folder for models must
/// have an absolute path.
pub fn checked_wait(trial: &Trial, job: Address, arguments: &[&str]) -> Command {
    let world = &trial.site.world;
    let (rpc, ws) = (world.network.rpc_url(), world.network.ws_url());
    let mut command = trial.site.nosana(&world.client, &["job", "wait"], &rpc, &ws);
    command.arg(job.to_string()).args(["--check", "1"]).args(arguments);
    command.env("HOME", "none").env("XDG_CACHE_HOME", "none");
    command
}

/// Waits until a node waits for jobs.
async fn until_waiting(trial: &Trial) {
    let world = &trial.site.world;
    let begun = Instant::now();
    while world.session.fetch_queue(&world.market).await.unwrap().fifo.side != Side::Nodes {
        assert!(begun.elapsed() < EVENT_TIMEOUT, "no node waits");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The twin that the client names.
pub fn find_twin(log: &str) -> Address {
    let (_, named) = log.split_once("the twin is ").expect(log);
    let (twin, _) = named.split_once(',').expect(log);
    twin.parse().expect(log)
}

/// A twin is a verified job of the same market and terms that nothing on the chain connects with
/// the job, except its client.
fn assert_twin(twin: &Job, job: &Job) {
    assert_ne!(twin.definition, job.definition);
    assert_ne!(twin.result, job.result);
    assert_ne!(twin.node, job.node);
    assert_eq!((twin.kind, twin.is_private), (Kind::VerifiedBatch as u8, 0));
    assert_eq!((twin.client, twin.payer, twin.market), (job.client, job.payer, job.market));
    assert_eq!(
        (twin.timeout_seconds, twin.price_per_second),
        (job.timeout_seconds, job.price_per_second)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lie_is_disputed_because_its_twin_contradicts_it() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let liar = site.another_owner().await;
    let address = submit_lie(&trial, &liar, &Sketch([0x5a; 32])).await;
    let job = trial.submitted(address).await;

    let honest = site.node(&[]);
    let wait = site.start_node(checked_wait(&trial, address, &["--check-by", "twin"]));
    wait.says("the results contradict each other; one is wrong").await;
    wait.says("and the twin is not accepted").await;
    wait.says("it is disputed now").await;
    assert_eq!(site.job(address).await.state, State::Challenged as u8);

    let twin = site.job(find_twin(&wait.log())).await;
    assert_twin(&twin, &job);
    assert_eq!(twin.state, State::Submitted as u8, "nobody knows yet which of both is wrong");
    drop((wait, honest));
    trial.site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_result_is_accepted_because_its_twin_is_the_same() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let mut first_node = site.node(&[]);
    let (address, _) = trial.list(1, "a cat sits on a mat").await;
    let job = trial.submitted(address).await;
    until_waiting(&trial).await;

    // The machine cannot compute the result, and the node of the job would be the first in the
    // queue.
    let arguments = ["--check-by", "auto", "--json"];
    let mut wait = site.start_node(checked_wait(&trial, address, &arguments));
    let other = site.another_owner().await;
    let mut second_node = site.node_of(&other, &[], None);
    wait.says("\"twins\": [").await;
    let status = wait.ended().await;
    let log = wait.log();
    assert!(status.success(), "{log}");
    assert!(log.contains("this machine cannot check the result"), "{log}");
    assert!(log.contains(NO_MODEL), "{log}");
    assert!(log.contains("the result is right: the twin"), "{log}");
    assert!(log.contains("the twin cost "), "{log}");
    assert!(!log.contains("came to the node whose result is checked"), "{log}");

    let twin = find_twin(&log);
    let settled = site.settled(twin).await;
    assert_eq!(settled.reason, Reason::Completed as u8, "the twin is paid");
    assert_twin(&settled, &job);
    assert_eq!(settled.node, pda::jobs::node(&other.pubkey()));
    assert_eq!(site.settled(address).await.reason, Reason::Completed as u8);

    first_node.leaves().await;
    second_node.leaves().await;
    trial.site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_listed_if_only_the_same_node_waits() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let mut node = site.node(&[]);
    let (address, _) = trial.list(1, "a cat sits on a mat").await;
    let job = trial.submitted(address).await;
    until_waiting(&trial).await;
    let before = site.tokens(&site.world.client).await;

    // Twice the time of the run is left, what is kept for a challenge, and time to start the
    // client.
    let run = (job.submitted_at - job.started_at).max(1);
    let window_end = job.submitted_at + i64::from(job.challenge_seconds);
    let now = site.world.session.fetch_clock().await.unwrap().unix_timestamp;
    let unused = window_end - now - (2 * run + 20 + SPARE_SECONDS);
    assert!(unused > 0, "{run} s leave no time for a twin");
    site.world.network.advance_seconds(unused.unsigned_abs()).await.unwrap();
    let wait = site.start_node(checked_wait(&trial, address, &["--check-by", "twin"]));
    let line = wait.says("cannot check the result").await;
    assert!(line.contains("no other node waits in the market"), "{line}");
    assert_eq!(site.tokens(&site.world.client).await, before);
    assert_eq!(site.job(address).await.state, State::Submitted as u8);

    drop(wait);
    node.leaves().await;
    trial.site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_that_comes_to_the_same_node_is_stopped() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let liar = site.another_owner().await;
    let address = submit_lie(&trial, &liar, &Sketch([0x5a; 32])).await;
    trial.submitted(address).await;

    // Nobody waits, so the twin does, and the node of the job takes it.
    let wait = site.start_node(checked_wait(&trial, address, &["--check-by", "twin"]));
    wait.says("the twin is ").await;
    let twin = find_twin(&wait.log());
    let owner = liar.pubkey();
    take_work(&trial, &liar).await;
    let taken = site.job(twin).await;
    send_as(&trial, &liar, actions::start(owner, twin, &taken).into()).await;

    let settled = site.settled(twin).await;
    assert_eq!(settled.reason, Reason::ClientStopped as u8, "it is not paid to the end");
    wait.says("is settled (ClientStopped); it cost ").await;
    wait.says("came to the node whose result is checked").await;
    wait.says_more("the twin is ", 1).await;
    assert_eq!(site.job(address).await.state, State::Submitted as u8);

    drop(wait);
    trial.site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_the_twin_even_if_its_node_has_not_started_it() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let liar = site.another_owner().await;
    let other = site.another_owner().await;
    let address = submit_lie(&trial, &liar, &Sketch([0x5a; 32])).await;
    trial.submitted(address).await;
    wait_for_work(&trial, &other).await;

    let mut wait = site.start_node(checked_wait(&trial, address, &["--check-by", "twin"]));
    wait.says("the twin is ").await;
    let twin = find_twin(&wait.log());
    let matched = site.job(twin).await;
    assert_eq!(
        (matched.state, matched.node),
        (State::Matched as u8, pda::jobs::node(&other.pubkey()))
    );

    // A matched job cannot be stopped: the client stops it once its node starts it.
    wait.signal("-INT");
    wait.says("is matched with a node: it ends unless that node starts it").await;
    send_as(&trial, &other, actions::start(other.pubkey(), twin, &matched).into()).await;
    assert_eq!(site.settled(twin).await.reason, Reason::ClientStopped as u8);
    wait.says("is settled (ClientStopped); it cost ").await;
    assert_eq!(wait.ended().await.code(), Some(130), "{}", wait.log());
    assert_eq!(site.job(address).await.state, State::Submitted as u8, "nothing else is done");

    trial.site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digests_of_the_same_verified_job_differ() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let mut digests = Vec::new();

    for _ in 0..2 {
        let arguments = ["--verified", "--yes", "--replicas", "0", "a cat sits on a mat"];
        let listing = trial.client(&["job", "embed"], &arguments).wait_with_output().unwrap();
        let printed = String::from_utf8(listing.stdout).unwrap();
        let address = printed.trim().parse().expect(&printed);
        digests.push(site.job(address).await.definition);
    }
    assert_ne!(digests[0], digests[1], "a twin would be recognized by its digest");

    trial.site.world.stop().await.unwrap();
}
