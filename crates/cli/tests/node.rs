//! `nosana node run`: crashes, damaged content, lost connections. Real processes, a real network,
//! real inference.

#[path = "site/proxy.rs"]
mod proxy;
mod site;

use std::{
    collections::HashSet,
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use nosana_client::{
    jobs::{accounts::Node, types::MarketTerms},
    pda,
    staking::accounts::Stake,
};
use nosana_job_spec::{ContentId, Digest, JobResult};
use nosana_localnet::windowless_terms;
use nosana_protocol::job::{Reason, ReturnCause, State};
use proxy::Proxy;
use site::{EVENT_TIMEOUT, Site};
use solana_signer::Signer;

/// The points at which a test can make the node kill itself, in the order of a job.
const POINTS: [&str; 8] = [
    "after-work",
    "before-start",
    "begun-early",
    "after-start",
    "executing",
    "before-journal",
    "before-finish",
    "after-finish",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_node_killed_at_any_step_resumes_and_is_paid_once() {
    let site = Site::start(60, 0).await;
    let before = site.tokens(&site.world.node).await;
    let mut paid = 0;
    let mut fees = 0;
    for (nonce, point) in POINTS.into_iter().enumerate() {
        let job = site.list(nonce as u64, &format!("killed {point}")).await;
        site.doomed_node(point).killed().await;
        let mut node = site.node(&[]);
        let job = site.settled(job).await;
        node.leaves().await;
        assert_eq!((job.reason, job.attempts), (Reason::Completed as u8, 0), "{point}");
        let result: JobResult = site.store.get_json(&ContentId::from_digest(job.result)).unwrap();
        assert!(
            result.succeeded() && result.definition == ContentId::from_digest(job.definition),
            "{point}"
        );

        // A stored result is not computed again, and a submitted one is not submitted again.
        let log = node.log();
        assert_eq!(
            log.contains("found the result of an earlier run"),
            point == "before-finish",
            "{point}:\n{log}"
        );
        assert_eq!(
            log.contains("executed"),
            !["before-finish", "after-finish"].contains(&point),
            "{point}:\n{log}"
        );
        let seconds = (job.submitted_at - job.started_at).max(1).unsigned_abs();
        paid += seconds * job.price_per_second;
        fees += seconds * job.price_per_second / 10;
    }
    assert_eq!(site.tokens(&site.world.node).await - before, paid);
    let queue = site.world.session.fetch_queue(&site.world.market).await.unwrap();
    assert_eq!(
        (queue.header.open_jobs, queue.header.fees_accrued, queue.waiting.len()),
        (0, fees, 0)
    );
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_ten_jobs() {
    let site = Site::start(60, 0).await;
    let other = site.another_owner().await;
    let mut nodes = [
        site.node(&["--slots", "2", "--metrics", "127.0.0.1:0", "--content", "127.0.0.1:0"]),
        site.node_of(&other, &["--slots", "3"], None),
    ];
    for node in &nodes {
        node.says("waits in the queue").await;
    }
    let twin = site.node(&[]).ended().await;
    assert!(!twin.success(), "two processes worked with one key");
    let mut jobs = Vec::new();
    for nonce in 0..10 {
        jobs.push(site.list(nonce, &format!("sentence {nonce}")).await);
    }
    let content = nodes[0].says("content     http://").await;
    let content = content.split_once("http://").unwrap().1.trim_end_matches("/ipfs/");
    let mut workers = HashSet::new();
    for job in jobs {
        let job = site.settled(job).await;
        assert_eq!(job.reason, Reason::Completed as u8);
        if job.node == pda::jobs::node(&site.world.node.pubkey()) {
            serves_result(content, job.result);
        }
        workers.insert(job.node);
    }
    assert_eq!(workers.len(), 2, "one node did it all");
    let metrics = nodes[0].says("/metrics").await;
    let address = metrics.split_once("http://").unwrap().1.trim_end_matches("/metrics");
    counters_agree(&site, address).await;

    for node in &mut nodes {
        node.leaves().await;
    }
    let node: Node =
        site.world.session.fetch_account(&pda::jobs::node(&other.pubkey())).await.unwrap();
    assert!(node.slots.iter().all(|slot| slot.state == 0), "a slot is still in use");
    let stake: Stake = site.world.session.fetch_account(&node.stake).await.unwrap();
    assert_eq!((node.idle_collateral, stake.locked), (0, 0), "collateral is not released");
    let queue = site.world.session.fetch_queue(&site.world.market).await.unwrap();
    assert_eq!((queue.header.open_jobs, queue.waiting.len()), (0, 0));
    site.world.stop().await.unwrap();
}

/// Waits until the node's metrics at `address` agree with its account. The node counts a result
/// after the confirmation of the transaction that settles the job, so a reader of the chain can be
/// ahead of the metrics.
async fn counters_agree(site: &Site, address: &str) {
    let begun = Instant::now();
    loop {
        let node: Node = site
            .world
            .session
            .fetch_account(&pda::jobs::node(&site.world.node.pubkey()))
            .await
            .unwrap();
        let on_chain = (u64::from(node.jobs_completed), node.earned);
        let metrics = read_metrics(address);
        let counted = (
            read_counter(&metrics, "nosana_jobs_finished_total"),
            read_counter(&metrics, "nosana_earned_base_units_total"),
        );
        if counted == on_chain {
            return;
        }

        assert!(begun.elapsed() < EVENT_TIMEOUT, "metrics {counted:?}, account {on_chain:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The endpoint of `--content` serves the block of a result, and stores none.
fn serves_result(address: &str, digest: [u8; 32]) {
    let id = ContentId::from_digest(digest);
    let served = send_request(address, &format!("GET /ipfs/{id}?format=raw"));
    let body = served.windows(4).position(|part| part == b"\r\n\r\n").unwrap() + 4;
    assert_eq!(Digest::of(&served[body..]), Digest(digest));

    let refused = send_request(address, &format!("PUT /ipfs/{id}"));
    assert!(refused.starts_with(b"HTTP/1.1 403"), "{}", String::from_utf8_lossy(&refused));
}

fn read_metrics(address: &str) -> String {
    String::from_utf8(send_request(address, "GET /metrics")).unwrap()
}

/// Sends a request without a body, and returns the whole answer.
fn send_request(address: &str, request: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("{request} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();

    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

fn read_counter(metrics: &str, name: &str) -> u64 {
    metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_takes_over_after_a_crash() {
    let site = Site::start(30, 0).await;
    let died = &site.world.node;
    let other = site.another_owner().await;
    let running = site.list(1, "left while it ran").await;
    site.doomed_node("executing").killed().await;
    assert_eq!(site.job(running).await.state, State::Running as u8);
    let second = site.node_of(&other, &[], None);
    let job = site.settled(running).await;
    assert_eq!(
        (job.reason, job.attempts, job.node),
        (Reason::Completed as u8, 1, pda::jobs::node(&other.pubkey()))
    );
    drop(second);

    let taken = site.list(2, "left before it began").await;

    // The node that took over has freed the slot of the first job.
    site.doomed_node("after-work").killed().await;
    let second = site.node_of(&other, &[], None);
    let job = site.settled(taken).await;
    assert_eq!((job.reason, job.node), (Reason::Completed as u8, pda::jobs::node(&other.pubkey())));
    let first: Node =
        site.world.session.fetch_account(&pda::jobs::node(&died.pubkey())).await.unwrap();
    assert_eq!((first.jobs_completed, first.earned, first.jobs_failed), (0, 0, 2));
    drop(second);
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_objects_are_neither_run_nor_submitted() {
    let site = Site::start(60, 0).await;
    let good = site.list(1, "kept whole").await;
    site.doomed_node("before-finish").killed().await;
    let damage = |digest| {
        let path = site.file_of(digest);
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(path, bytes).unwrap();
    };

    // The result that is not submitted yet names its output. The output is damaged while the node
    // is down.
    let journal = fs::read_to_string(site.journal(&site.world.node)).unwrap();
    let journal: serde_json::Value = serde_json::from_str(&journal).unwrap();
    let result: ContentId = journal[good.to_string()]["result"].as_str().unwrap().parse().unwrap();
    let output = site.store.get_json::<JobResult>(&result).unwrap().ops[0].output.unwrap();
    damage(output.digest());
    let mut node = site.node(&[]);
    node.says("the earlier result is damaged; running the job again").await;
    let job = site.settled(good).await;
    assert_eq!(job.reason, Reason::Completed as u8);
    let result: JobResult = site.store.get_json(&ContentId::from_digest(job.result)).unwrap();
    site.store.get(&result.ops[0].output.unwrap(), 1 << 20).unwrap();

    // A client checks the content too.
    damage(result.ops[0].output.unwrap().digest());
    let (rpc, ws) = (site.world.network.rpc_url(), site.world.network.ws_url());
    let wait = site
        .nosana(&site.world.client, &["job", "wait"], &rpc, &ws)
        .arg(good.to_string())
        .output()
        .unwrap();
    let stderr = String::from_utf8(wait.stderr).unwrap();
    assert!(!wait.status.success() && stderr.contains("is corrupted"), "{stderr}");

    let definition = site.store.put(b"{\"version\":\"nosana/1\",\"ops\":[]}").unwrap();
    let before = site.tokens(&site.world.node).await;
    damage(definition.digest());
    let bad = site.list_definition(2, definition.digest()).await;
    node.says("how=\"refused\"").await;
    let job = site.until(bad, "refused", |job| job.state == State::Queued as u8).await;
    assert_eq!((job.attempts, job.started_at), (0, 0));
    assert_eq!(site.tokens(&site.world.node).await, before);
    node.leaves().await;
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_that_nobody_published_costs_a_node_only_seconds() {
    // Inputs may take half of the start clock, a minute.
    let site = Site::with(MarketTerms { start_seconds: 120, ..windowless_terms() }).await;
    let mut node = site.node(&[]);
    node.says("waits in the queue").await;

    let address = site.list_definition(1, [9; 32]).await;
    node.says("took a job").await;
    let taken = Instant::now();
    node.says("how=\"refused\"").await;
    assert!(taken.elapsed() < Duration::from_secs(30), "{:?}:\n{}", taken.elapsed(), node.log());

    let job = site.until(address, "returned", |job| job.refusals > 0).await;
    assert_eq!(job.return_cause, ReturnCause::ContentUnavailable as u8);
    assert_eq!((job.attempts, job.started_at), (0, 0));
    node.leaves().await;
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_costs_no_job() {
    let site = Site::start(60, 0).await;
    let (rpc, ws) =
        (Proxy::to(&site.world.network.rpc_url()), Proxy::to(&site.world.network.ws_url()));
    let (rpc_url, ws_url) = (format!("http://{}", rpc.address), format!("ws://{}", ws.address));
    let mut node = site.node_through(&rpc_url, &ws_url);
    node.says("waits in the queue").await;
    let mut jobs = Vec::new();

    // The connection is lost while the node waits, when it has a job, and while it submits.
    for (nonce, words) in ["waits in the queue", "took a job", "executed"].into_iter().enumerate() {
        let seen = node.log().matches(words).count();
        let job = site.list(nonce as u64, words).await;
        if nonce > 0 {
            node.says_more(words, seen).await;
        }
        [&rpc, &ws].into_iter().for_each(Proxy::cut);
        tokio::time::sleep(Duration::from_secs(7)).await;
        [&rpc, &ws].into_iter().for_each(Proxy::mend);
        jobs.push(site.settled(job).await);
    }
    assert!(jobs.iter().all(|job| job.reason == Reason::Completed as u8 && job.attempts == 0));
    let node_account: Node = site
        .world
        .session
        .fetch_account(&pda::jobs::node(&site.world.node.pubkey()))
        .await
        .unwrap();
    assert_eq!((node_account.jobs_completed, node_account.jobs_failed), (3, 0));
    node.leaves().await;
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_vanishes_still_pays() {
    let site = Site::start(60, 30).await;
    let before = site.tokens(&site.world.node).await;
    let job = site.list(1, "the client does not return").await;
    let mut node = site.node(&[]);
    site.until(job, "submitted", |job| job.state == State::Submitted as u8).await;

    // It stops before the window is over, and is paid after a restart.
    node.leaves().await;
    assert_eq!(site.tokens(&site.world.node).await, before);
    let mut node = site.node(&[]);
    let job = site.settled(job).await;
    assert_eq!(job.reason, Reason::Completed as u8);
    let seconds = (job.submitted_at - job.started_at).max(1).unsigned_abs();
    assert_eq!(site.tokens(&site.world.node).await - before, seconds * job.price_per_second);
    node.leaves().await;
    site.world.stop().await.unwrap();
}
