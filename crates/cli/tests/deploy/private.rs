//! Private deployments: what is not on the chain is with the client and the nodes that run
//! replicas, and a client that loses its state computes it again.

use std::{path::Path, process::Child};

use nosana_protocol::job::ReturnCause;
use solana_keypair::Keypair;

use super::{site::NodeProcess, *};

const SECRET: &str = "the name of the patient";

/// Writes the definition of a service with a secret in it.
fn write_secret_service(site: &Site, secret: &str) {
    let expose = json!([{ "port": 8080, "public": true }]);
    write_service(site, &format!("sleep 600 # {secret}"), &expose);
}

/// Whether any file below the folder contains the text.
fn contains_text(folder: &Path, text: &str) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };

    entries.map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            return contains_text(&path, text);
        }
        let content = fs::read(&path).unwrap_or_default();
        content.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

/// Prepares a deployment named `web`, on the client's machine.
fn deploy(site: &Site, more: &[&str]) -> Command {
    let mut command = site.nosana_on("client", &site.world.client, &["deploy"]);
    command.arg(site.machine("web.json"));
    command.args(["--for", "1h", "--chunk", "120s", "--budget", "100", "--yes"]).args(more);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Prepares a subcommand on a machine that has nothing but the wallet.
fn elsewhere(site: &Site, subcommand: &str, more: &[&str]) -> Command {
    let mut command =
        site.nosana_on("elsewhere", &site.world.client, &["deploy", subcommand, "web"]);
    command.args(more);
    command
}

/// Kills a deployment, and returns what it said.
fn kill_command(mut process: Child) -> String {
    process.kill().unwrap();
    let output = process.wait_with_output().unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The jobs of the client once there are `count`.
async fn listed(site: &Site, count: usize) -> Vec<(Address, Job)> {
    for _ in 0..300 {
        let jobs = jobs(site).await;
        if jobs.len() == count {
            return jobs;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("there are never {count} jobs: {:?}", jobs(site).await);
}

async fn start_node(site: &Site, machine: &str, owner: &Keypair) -> NodeProcess {
    let node = site.start_node(site.nosana_on(machine, owner, &["node", "run"]));
    node.says("announced where this node is reached").await;
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn private_replicas_are_served_at_once_and_hidden_from_others() {
    let site = Site::start(60, 0).await;
    let mut node = start_node(&site, "node", &site.world.node).await;
    node.says("waits in the queue").await;
    write_secret_service(&site, SECRET);
    let first = deploy(&site, &["--private"]).spawn().unwrap();

    let (address, job) = running(&site, 1).await.remove(0);
    assert_eq!((job.is_private, job.refusals), (1, 0));
    let folder = format!("node/state/node-{}/private", site.world.node.pubkey());
    assert!(contains_text(&site.machine(&folder), SECRET));
    assert!(contains_text(&site.machine("client/state/private-jobs"), SECRET));
    for place in ["client/store", "node/store"] {
        assert!(!contains_text(&site.machine(place), SECRET), "{place}");
    }

    // The node reports its public ports to another machine of the client.
    let arguments = ["--json", "--gateway", "jobs.example.com"];
    let status: Value =
        serde_json::from_str(&done(elsewhere(&site, "status", &arguments))).unwrap();
    let host = JobHost { job: address, port: 8080 };
    let public = json!([{ "port": 8080, "url": format!("https://{host}.jobs.example.com/") }]);
    assert_eq!(status["replicas"][0]["public_urls"], public, "{status}");
    assert_eq!(status["replicas"][0]["private"], true, "{status}");

    // Who forgets the option gets no public replica.
    kill_command(first);
    let refused = deploy(&site, &["--replicas", "2"]).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("start it with --private"), "{said}");

    assert!(done(elsewhere(&site, "stop", &[])).contains("1 replicas ended"));
    let ended = settled(&site).await;
    assert_eq!(ended.len(), 1, "{said}");
    node.leaves().await;
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_replica_waits_for_a_client_who_lost_its_state() {
    let site = Site::start(60, 0).await;
    write_secret_service(&site, SECRET);
    let first = deploy(&site, &["--private"]).spawn().unwrap();
    let (address, _) = listed(&site, 1).await.remove(0);
    kill_command(first);
    fs::remove_dir_all(site.machine("client/state")).unwrap();

    // Nobody serves the node, so that it gives the job back.
    let mut node = start_node(&site, "node", &site.world.node).await;
    let returned = site.until(address, "returned", |job| job.refusals > 0).await;
    assert_eq!(returned.return_cause, ReturnCause::ContentUnavailable as u8);

    let second = deploy(&site, &["--private"]).spawn().unwrap();
    let (running, _) = running(&site, 1).await.remove(0);
    let said = kill_command(second);
    assert_eq!(running, address, "the same replica runs: {said}");
    assert_eq!(jobs(&site).await.len(), 1, "{said}");

    done(elsewhere(&site, "stop", &[]));
    settled(&site).await;
    node.leaves().await;
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_replica_of_a_lost_file_is_replaced() {
    let site = Site::start(60, 0).await;
    write_secret_service(&site, SECRET);
    let first = deploy(&site, &["--private"]).spawn().unwrap();
    let (lost, _) = listed(&site, 1).await.remove(0);
    kill_command(first);

    // What the store of private jobs has is enough, whatever the file says now.
    write_secret_service(&site, "another secret");
    let second = deploy(&site, &["--private"]).spawn().unwrap();
    tokio::time::sleep(Duration::from_secs(8)).await;
    let said = kill_command(second);
    assert_eq!(listed(&site, 1).await[0].1.state, State::Queued as u8, "{said}");

    // Another machine may have it: while no node has given the replica back, it is left alone.
    fs::remove_dir_all(site.machine("client/state")).unwrap();
    let third = deploy(&site, &["--private"]).spawn().unwrap();
    tokio::time::sleep(Duration::from_secs(8)).await;
    let said = kill_command(third);
    assert_eq!(said.matches("this machine does not have its content").count(), 1, "{said}");
    assert_eq!(listed(&site, 1).await[0].1.state, State::Queued as u8, "{said}");

    let mut node = start_node(&site, "node", &site.world.node).await;
    let returned = site.until(lost, "returned", |job| job.refusals > 0).await;
    assert_eq!(returned.return_cause, ReturnCause::ContentUnavailable as u8);
    node.leaves().await;

    let fourth = deploy(&site, &["--private"]).spawn().unwrap();
    let all = listed(&site, 2).await;
    let said = kill_command(fourth);
    assert!(said.contains("this machine has lost its content"), "{said}");
    for (address, job) in all {
        let expected = if address == lost { State::Settled } else { State::Queued };
        assert_eq!(job.state, expected as u8, "{address}: {said}");
    }
    assert_eq!(site.job(lost).await.reason, Reason::Cancelled as u8);

    done(elsewhere(&site, "stop", &[]));
    site.world.stop().await.unwrap();
}
