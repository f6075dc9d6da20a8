//! Clients and nodes that share nothing but the network: definitions, inputs and results travel
//! from endpoint to endpoint. Real processes, each with a store of its own.

mod announced;
mod live_client;
mod machines;
mod private;
#[path = "../site/proxy.rs"]
mod proxy;
mod relayed;
mod separate;
#[path = "../site/mod.rs"]
mod site;

use std::{
    fs,
    process::{Command, Output},
    time::{Duration, Instant},
};

use nosana_client::{actions, jobs::accounts::Node, pda};
use nosana_job_spec::ContentId;
use nosana_net::{
    content::{
        CONTENT_ALPN, ContentBounds, ContentClient, ContentError, ContentOffer, ContentRefusal,
        OfferOutcome,
    },
    directory::read_endpoint,
    transport::{EndpointConfig, NetEndpoint},
};
use nosana_store::Store;
use serde_json::Value;
use site::{EVENT_TIMEOUT, NodeProcess, Site};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

const ANNOUNCED: &str = "announced where this node is reached";
/// Longest time from the moment when a node has taken a job, which it has never seen, to the start.
const MAX_START_TIME: Duration = Duration::from_secs(5);

fn done(mut command: Command) -> String {
    let output: Output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

async fn start_node(site: &Site, machine: &str, owner: &Keypair) -> NodeProcess {
    start_node_with(site, machine, owner, &[]).await
}

async fn start_node_with(
    site: &Site,
    machine: &str,
    owner: &Keypair,
    more: &[&str],
) -> NodeProcess {
    let mut command = site.nosana_on(machine, owner, &["node", "run"]);
    command.args(more);
    let node = site.start_node(command);
    node.says(ANNOUNCED).await;
    node
}

/// Starts a node that takes no jobs: it is only asked to keep content.
async fn start_holder(site: &Site, owner: &Keypair, more: &[&str]) -> NodeProcess {
    let holder = start_node_with(site, "holder", owner, more).await;

    let drain = actions::set_draining(owner.pubkey(), true);
    site.world.session.send_transaction(&[drain.into()], owner, &[]).await.unwrap();
    while !site.world.session.fetch_queue(&site.world.market).await.unwrap().waiting.is_empty() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    holder
}

/// Prepares `nosana job` on the client's machine.
fn job(site: &Site, subcommand: &str, arguments: &[&str]) -> Command {
    let mut command = site.nosana_on("client", &site.world.client, &["job", subcommand]);
    command.args(arguments);
    command
}

async fn node_account(site: &Site, owner: &Keypair) -> Node {
    site.world.session.fetch_account(&pda::jobs::node(&owner.pubkey())).await.unwrap()
}

/// How long a job takes from the moment when a slot of this owner's node names it to its start.
/// Measured by reads of both accounts, because the chain's clock has whole seconds: late by one
/// look at most, and zero if one look sees both.
async fn measure_start(site: &Site, owner: &Keypair, job: Address) -> Duration {
    let node = pda::jobs::node(&owner.pubkey());
    let begun = Instant::now();
    let mut taken_at = None;

    loop {
        let account = site.world.session.find_account::<Node>(&node).await.unwrap();
        let has_job = account.is_some_and(|node| node.slots.iter().any(|slot| slot.job == job));
        if has_job && taken_at.is_none() {
            taken_at = Some(Instant::now());
        }
        if site.job(job).await.started_at != 0 {
            return taken_at.map_or(Duration::ZERO, |taken_at| taken_at.elapsed());
        }

        assert!(begun.elapsed() < EVENT_TIMEOUT, "no node starts the job");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_and_a_node_share_nothing_but_the_network() {
    let site = Site::start(60, 0).await;
    let mut node = start_node(&site, "node", &site.world.node).await;

    // Several blocks, so that the input is a tree.
    let input = site.machine("client.txt");
    let text: String = (0..100_000).map(|number| format!("{number}\n")).collect();
    fs::write(&input, &text).unwrap();
    let input = format!("{}:in.txt", input.display());
    let kept = site.machine("kept");
    let arguments =
        ["--yes", "--wait", "--input", &input, "--artifact", "out.txt", "--artifacts-to"];
    let mut run = job(&site, "run", &arguments);
    run.arg(&kept).args(["--", "tail -n 1 in.txt; cp in.txt out.txt"]);
    assert!(done(run).contains("99999"));
    assert_eq!(fs::read_to_string(kept.join("out.txt")).unwrap(), text);

    // What it prints, it fetched: no folder is shared.
    let folders = ["client", "node"].map(|machine| site.machine(machine).join("store/blocks"));
    assert!(folders.iter().all(|folder| folder.is_dir()));

    let mut status = site.nosana_on("client", &site.world.node, &["node", "status"]);
    status.arg("--json");
    let status: Value = serde_json::from_str(&done(status)).unwrap();
    assert_eq!(status["endpoint"]["answers"], true, "{status}");

    node.leaves().await;
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_run_and_read_while_its_client_and_its_node_are_gone() {
    let site = Site::start(60, 0).await;
    let other = site.another_owner().await;
    let _holder = start_holder(&site, &other, &[]).await;

    let mut run = job(&site, "run", &["--yes", "--", "echo from far away"]);
    let listed = run.output().unwrap();
    let said = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert!(said.contains("1 node keeps the definition"), "{said}");
    let address: Address = String::from_utf8(listed.stdout).unwrap().trim().parse().unwrap();
    fs::remove_dir_all(site.machine("client")).unwrap();

    let mut node = site.start_node(site.nosana_on("node", &site.world.node, &["node", "run"]));
    let start_time = measure_start(&site, &site.world.node, address).await;
    assert!(start_time < MAX_START_TIME, "started {start_time:?} after it was taken");
    site.settled(address).await;
    let result = ContentId::from_digest(site.job(address).await.result);
    let held =
        Store::open(site.machine("holder").join(format!("state/node-{}/held", other.pubkey())))
            .unwrap();
    site.until(address, "kept by the holder", |_| held.has_file(&result)).await;
    node.leaves().await;

    let read = job(&site, "logs", &[&address.to_string()]);
    assert!(done(read).contains("from far away"));
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_store_and_read_only_what_jobs_name() {
    let site = Site::start(60, 0).await;
    let node = start_node(&site, "node", &site.world.node).await;
    let account = node_account(&site, &site.world.node).await;
    let address = read_endpoint(&account.endpoint).unwrap().unwrap();
    let stranger = NetEndpoint::bind(EndpointConfig::loopback()).await.unwrap();
    let connection = stranger.connect(&address, CONTENT_ALPN).await.unwrap();
    let client = ContentClient::new(connection, None, ContentBounds::default());
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();

    // A file of the owner's store that belongs to no job.
    let theirs = Store::open(site.machine("node").join("store")).unwrap();
    let secret = theirs.put(b"a file of the owner").unwrap();
    let fetched = client.fetch_object(&store, secret, 1 << 20).await;
    assert_refused(fetched, ContentRefusal::NotFound);

    // Content that no job names, and for a job that is none.
    let job = site.list(1, "a sentence").await;
    let junk = store.put(b"junk").unwrap();
    for job in [job, Address::new_from_array([7; 32])] {
        let offer = ContentOffer { job, object: junk, content_bytes: 4 };
        assert_refused(client.offer_object(&store, offer).await, ContentRefusal::NotAdmitted);
    }

    // The job's own definition is taken once, and read by anybody.
    let definition = ContentId::from_digest(site.job(job).await.definition);
    store.copy_file(&site.store, &definition, 1 << 20).unwrap();
    let content_bytes = store.content_size(&definition).unwrap();
    let offer = ContentOffer { job, object: definition, content_bytes };
    for expected in [OfferOutcome::Stored, OfferOutcome::AlreadyHeld, OfferOutcome::AlreadyHeld] {
        assert_eq!(client.offer_object(&store, offer).await.unwrap(), expected);
    }
    let empty = tempfile::tempdir().unwrap();
    let reader = Store::open(empty.path()).unwrap();
    client.fetch_object(&reader, definition, 1 << 20).await.unwrap();

    site.settled(job).await;
    drop(node);
    site.world.stop().await.unwrap();
}

fn assert_refused<T: std::fmt::Debug>(result: Result<T, ContentError>, refusal: ContentRefusal) {
    match result {
        Err(ContentError::Refused(actual)) => assert_eq!(actual, refusal),
        other => panic!("{other:?} is not refused with {refusal:?}"),
    }
}
