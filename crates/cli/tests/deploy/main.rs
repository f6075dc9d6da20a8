//! `nosana deploy`: real nodes run the replicas of a service, and the command is killed meanwhile.

mod health;
mod private;
mod recovery;
#[path = "../site/mod.rs"]
mod site;

use std::{
    collections::HashSet,
    fs,
    process::{Command, Stdio},
    time::Duration,
};

use nosana_client::{jobs::accounts::Job, session::Filter};
use nosana_gateway::JobHost;
use nosana_protocol::job::{Reason, State};
use serde_json::{Value, json};
use site::Site;
use solana_address::Address;
use solana_signer::Signer;

const DEFINITION: &str = r#"{
  "version": "nosana/1",
  "ops": [{
    "id": "web",
    "type": "command/run",
    "args": {
      "steps": [{ "name": "serve", "run": "sleep 600" }],
      "expose": [{ "port": 8080, "public": true }, 9000]
    }
  }]
}"#;

/// Runs a command, which must succeed, and returns what it printed.
fn done(mut command: Command) -> String {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Writes `web.json`: a service that runs this line, and exposes these ports.
fn write_service(site: &Site, line: &str, expose: &Value) {
    let args = json!({ "steps": [{ "name": "serve", "run": line }], "expose": expose });
    let ops = json!([{ "id": "web", "type": "command/run", "args": args }]);
    let definition = json!({ "version": "nosana/1", "ops": ops });
    fs::write(site.machine("web.json"), serde_json::to_vec(&definition).unwrap()).unwrap();
}

/// Requests the state of the deployment `web`, on the machine of the network.
fn read_status(site: &Site) -> Value {
    let (rpc, ws) = (site.world.network.rpc_url(), site.world.network.ws_url());
    let mut status = site.nosana(&site.world.client, &["deploy", "status"], &rpc, &ws);
    status.args(["web", "--json", "--gateway", "jobs.example.com"]);
    serde_json::from_str(&done(status)).unwrap()
}

/// The deposits of the client's jobs, in base units: all of them run or wait.
async fn sum_deposits(site: &Site) -> u64 {
    jobs(site).await.iter().map(|(_, job)| job.escrow - job.budget).sum()
}

async fn chain_time(site: &Site) -> i64 {
    site.world.session.fetch_clock().await.unwrap().unix_timestamp
}

/// The jobs of the client.
async fn jobs(site: &Site) -> Vec<(Address, Job)> {
    let client = Filter::new(Job::CLIENT_OFFSET, site.world.client.pubkey());
    site.world.session.list_accounts::<Job>(&[client]).await.unwrap()
}

async fn running(site: &Site, count: usize) -> Vec<(Address, Job)> {
    for _ in 0..600 {
        let mut jobs = jobs(site).await;
        jobs.retain(|(_, job)| job.state == State::Running as u8);
        if jobs.len() == count {
            return jobs;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{count} jobs never run at a time: {:?}", jobs(site).await);
}

/// The jobs of the client, once all are settled: their nodes notice a moment after the command that
/// their time is over.
async fn settled(site: &Site) -> Vec<(Address, Job)> {
    for _ in 0..150 {
        let jobs = jobs(site).await;
        if jobs.iter().all(|(_, job)| job.state == State::Settled as u8) {
            return jobs;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("some jobs are not settled: {:?}", jobs(site).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_run_on_several_nodes_and_survive_the_command() {
    let site = Site::start(60, 0).await;
    let other = site.another_owner().await;
    // One after the other: each measures its hardware first.
    let one = site.node(&[]);
    one.says("waits in the queue").await;
    let another = site.node_of(&other, &[], None);
    another.says("waits in the queue").await;

    let (rpc, ws) = (site.world.network.rpc_url(), site.world.network.ws_url());
    let client = &site.world.client;
    let file = site.machine("web.json");
    fs::write(&file, DEFINITION).unwrap();
    let deploy = || {
        let mut command = site.nosana(client, &["deploy"], &rpc, &ws);
        command.arg(&file).args(["--replicas", "2", "--for", "75s", "--chunk", "32s"]);
        command.args(["--budget", "100", "--yes"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };

    let begun = chain_time(&site).await;
    let mut first = deploy().spawn().unwrap();
    let started = running(&site, 2).await;
    let begun = begun..=chain_time(&site).await;
    let owners: HashSet<Address> = started.iter().map(|(_, job)| job.node).collect();
    assert_eq!(owners.len(), 2, "both run on one node");
    first.kill().unwrap();
    first.wait().unwrap();

    // Started again, it finds its jobs, extends them, and ends everything in time.
    let second = deploy().spawn().unwrap();
    // An extension meanwhile adds to the deposits.
    let deposits = sum_deposits(&site).await;
    let status = read_status(&site);
    let deposits = deposits..=sum_deposits(&site).await;
    assert!(*deposits.start() > 0, "{status}");
    assert!(deposits.contains(&status["spent"].as_u64().unwrap()), "{status}");
    let ends_at = status["ends_at"].as_i64().unwrap();
    assert!(begun.contains(&(ends_at - 75)), "{status}");
    let replicas = status["replicas"].as_array().unwrap();
    assert_eq!(replicas.len(), 2, "{status}");
    for replica in replicas {
        let job = replica["job"].as_str().unwrap().parse().unwrap();
        let host = JobHost { job, port: 8080 };
        let public = json!([{ "port": 8080, "url": format!("https://{host}.jobs.example.com/") }]);
        assert_eq!(replica["public_urls"], public, "{status}");
    }

    let ended = second.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success(), "{said}");
    assert!(said.contains("extended"), "{said}");
    let all = settled(&site).await;
    assert_eq!(all.len(), 2, "{said}");
    for (address, job) in all {
        assert!(job.timeout_seconds > 32, "{address}");
        let reasons = [Reason::ClientStopped, Reason::Completed].map(|reason| reason as u8);
        assert!(reasons.contains(&job.reason), "{address}: {}", job.reason);
    }
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_deployment_leaves_no_job() {
    let site = Site::start(60, 0).await;
    let (rpc, ws) = (site.world.network.rpc_url(), site.world.network.ws_url());
    let client = &site.world.client;
    let file = site.machine("web.json");
    fs::write(&file, DEFINITION).unwrap();

    // No node: both wait in the queue. The third does not fit into the budget.
    let before = site.tokens(client).await;
    let mut deploy = site.nosana(client, &["deploy"], &rpc, &ws);
    deploy.arg(&file).args(["--replicas", "3", "--for", "1h", "--chunk", "40s", "--yes"]);
    let price =
        site.world.session.list_accounts::<nosana_client::jobs::accounts::Market>(&[]).await;
    let price = price.unwrap()[0].1.terms.price_per_second;
    let two = price * 40 * 5 / 2;
    deploy.args(["--budget", &format!("{}.{:06}", two / 1_000_000, two % 1_000_000)]);
    let mut deploy = deploy.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for _ in 0..300 {
        if jobs(&site).await.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(6)).await;
    deploy.kill().unwrap();
    let said = deploy.wait_with_output().unwrap().stderr;
    assert_eq!(jobs(&site).await.len(), 2, "{}", String::from_utf8_lossy(&said));

    let mut stop = site.nosana(client, &["deploy", "stop"], &rpc, &ws);
    let stopped = stop.arg("web").output().unwrap();
    assert!(stopped.status.success(), "{}", String::from_utf8_lossy(&stopped.stderr));
    for (address, job) in jobs(&site).await {
        assert_eq!(job.reason, Reason::Cancelled as u8, "{address}");
    }
    assert_eq!(site.tokens(client).await, before);
    site.world.stop().await.unwrap();
}
