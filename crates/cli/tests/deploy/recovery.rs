//! A deployment whose replicas go on although the command loses its state, a node its process, or
//! the market its room.

use nosana_client::{ProgramAccount, jobs::accounts::QueueHeader, pda};

use super::*;
use crate::site::EVENT_TIMEOUT;

/// The time of a deployment, in seconds.
const SECONDS: i64 = 3_600;

/// Prepares a deployment of one replica, named `web`.
fn deploy(site: &Site, chunk: &str) -> Command {
    let file = site.machine("web.json");
    fs::write(&file, DEFINITION).unwrap();
    let (rpc, ws) = (site.world.network.rpc_url(), site.world.network.ws_url());
    let mut command = site.nosana(&site.world.client, &["deploy"], &rpc, &ws);
    command.arg(&file).args(["--for", "1h", "--budget", "100", "--yes", "--chunk", chunk]);
    command
}

/// Ends the deployment, and waits until its jobs are settled.
async fn stop_deployment(site: &Site) {
    let (rpc, ws) = (site.world.network.rpc_url(), site.world.network.ws_url());
    let mut stop = site.nosana(&site.world.client, &["deploy", "stop"], &rpc, &ws);
    stop.arg("web");
    done(stop);
    settled(site).await;
}

/// Waits until a replica runs on this node.
async fn until_running_on(site: &Site, node: Address) -> Address {
    let begun = std::time::Instant::now();
    loop {
        let jobs = jobs(site).await;
        let is_there = |job: &Job| job.state == State::Running as u8 && job.node == node;
        if let Some((address, _)) = jobs.iter().find(|(_, job)| is_there(job)) {
            return *address;
        }
        assert!(begun.elapsed() < EVENT_TIMEOUT, "no replica runs on {node}: {jobs:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Makes the queue look as if running jobs had all of its cells.
async fn fill_queue(site: &Site) -> u32 {
    let session = &site.world.session;
    let capacity = session.fetch_queue(&site.world.market).await.unwrap().capacity;
    let address = pda::jobs::queue(&site.world.market);
    let mut account = session.fetch_raw_account(&address).await.unwrap().unwrap();

    let (mut header, cells) = QueueHeader::split_data(&account.data).unwrap();
    header.open_jobs = capacity.into();
    account.data = [header.to_data(), cells.to_vec()].concat();
    site.world.network.set_account(address, account).await.unwrap();
    capacity
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_for_a_waiting_node_makes_room_in_a_full_queue() {
    let site = Site::start(60, 0).await;
    let mut node = site.node(&[]);
    node.says("waits in the queue").await;
    let capacity = fill_queue(&site).await;

    let deployment = site.start_node(deploy(&site, "600s"));
    running(&site, 1).await;
    let grown = site.world.session.fetch_queue(&site.world.market).await.unwrap();
    assert!(grown.capacity > capacity, "{}", deployment.log());

    drop(deployment);
    stop_deployment(&site).await;
    node.leaves().await;
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_is_found_again_without_the_state_file() {
    let site = Site::start(60, 0).await;
    let mut node = site.node(&[]);
    node.says("waits in the queue").await;
    let first = site.start_node(deploy(&site, "40s"));
    let (address, started) = running(&site, 1).await.remove(0);
    drop(first);
    let wallet = site.world.client.pubkey().to_string();
    let record = site.machine("state/deployments").join(wallet).join("web.json");
    fs::remove_file(&record).unwrap();

    // It extends the job that runs, and lists none. The end counts from that job.
    let second = site.start_node(deploy(&site, "40s"));
    second.says("extended").await;
    let status = read_status(&site);
    assert_eq!(status["ends_at"], started.listed_at + SECONDS, "{status}");
    drop(second);
    let (found, extended) = running(&site, 1).await.remove(0);
    assert_eq!(found, address);
    assert!(extended.timeout_seconds > started.timeout_seconds);
    assert_eq!(jobs(&site).await.len(), 1);

    stop_deployment(&site).await;
    node.leaves().await;
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_whose_node_dies_continues_on_another_node() {
    let site = Site::start(30, 0).await;
    let other = site.another_owner().await;
    let owners = [&site.world.node, &other].map(|owner| pda::jobs::node(&owner.pubkey()));
    // One after the other: each measures its hardware first.
    let one = site.node(&[]);
    one.says("waits in the queue").await;
    let another = site.node_of(&other, &[], None);
    another.says("waits in the queue").await;

    let deployment = site.start_node(deploy(&site, "600s"));
    let (_, job) = running(&site, 1).await.remove(0);
    let (mut died, mut left, heir) = match job.node == owners[0] {
        true => (one, another, owners[1]),
        false => (another, one, owners[0]),
    };
    died.signal("-KILL");
    died.killed().await;

    let successor = until_running_on(&site, heir).await;
    let status = read_status(&site);
    let replicas = status["replicas"].as_array().unwrap();
    assert_eq!(replicas.len(), 1, "{status}");
    assert_eq!(replicas[0]["job"], successor.to_string(), "{status}");
    assert_eq!(replicas[0]["node"], heir.to_string(), "{status}");

    drop(deployment);
    stop_deployment(&site).await;
    left.leaves().await;
    site.world.stop().await.unwrap();
}
