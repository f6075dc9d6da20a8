//! Results that a client checks by a twin, on a machine that runs no model: a lie is disputed, and an
//! honest result is not.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use nosana_client::{jobs::accounts::Job, pda};
use nosana_protocol::{
    dispute::sketch::Sketch,
    job::{Kind, Reason, State},
    queue::Side,
};
use solana_address::Address;
use solana_signer::Signer;

use crate::{
    lies::submit_lie,
    site::EVENT_TIMEOUT,
    trial::{Trial, finish},
};

/// A client that waits for the job, checks its result, and knows no folder for models.
fn checked_wait(trial: &Trial, job: Address, arguments: &[&str]) -> Command {
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
fn find_twin(log: &str) -> Address {
    let (_, named) = log.split_once("the twin is ").expect(log);
    let (twin, _) = named.split_once(',').expect(log);
    twin.parse().expect(log)
}

/// A twin is a verified job of the same market and terms that nothing on the chain connects with the
/// job, except its client.
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
    wait.says("it contradicts that of the twin").await;
    wait.says("it is disputed now").await;
    wait.says("the twin is not accepted").await;
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

    // The machine cannot compute the result, and the node of the job would be the first in the queue.
    let mut wait = checked_wait(&trial, address, &[]);
    let wait = wait.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let other = site.another_owner().await;
    let mut second_node = site.node_of(&other, &[], None);
    let (status, log) = finish(wait);
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("this machine cannot check the result"), "{log}");
    assert!(log.contains("the result is right: the twin"), "{log}");
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

    // Twice the time of the run is left, what is kept for a challenge, and half a minute.
    let run = (job.submitted_at - job.started_at).max(1);
    let window_end = job.submitted_at + i64::from(job.challenge_seconds);
    let now = site.world.session.fetch_clock().await.unwrap().unix_timestamp;
    let unused = window_end - now - (2 * run + 20 + 30);
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
