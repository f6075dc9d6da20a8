//! A deployment whose replicas become unhealthy: a node's continuous checks notice it, its reports
//! say it, and the command replaces the replica.

use std::time::Instant;

use solana_keypair::Keypair;

use super::{
    site::{EVENT_TIMEOUT, NodeProcess},
    *,
};

/// How long each replica serves, in seconds: a heartbeat reports in each third of
/// [`HEARTBEAT_SECONDS`] whether it does.
const SERVING_SECONDS: u32 = 60;
const HEARTBEAT_SECONDS: u32 = 30;

/// Writes the definition of a service that stops serving, and runs on.
fn write_stopping_service(site: &Site) {
    let line = format!("timeout {SERVING_SECONDS} python3 -m http.server 8080 || true; sleep 3000");
    let checks = json!([{ "type": "tcp", "continuous": true }]);
    write_service(site, &line, &json!([{ "port": 8080, "health_checks": checks }, 9000]));
}

/// Starts the deployment of one replica, on a machine that shares no folder with the nodes.
fn deploy(site: &Site, more: &[&str]) -> NodeProcess {
    let mut command = site.nosana_on("client", &site.world.client, &["deploy"]);
    command.arg(site.machine("web.json"));
    command.args(["--for", "1h", "--chunk", "20m", "--budget", "100", "--yes"]).args(more);
    site.start_node(command)
}

/// What a command of `nosana deploy` prints with these arguments.
fn printed(site: &Site, command: &str, arguments: &[&str]) -> String {
    let mut nosana = site.nosana_on("client", &site.world.client, &["deploy", command]);
    nosana.args(arguments);
    done(nosana)
}

/// The status of the deployment, once it satisfies `is`.
async fn status_until(site: &Site, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let status: Value =
            serde_json::from_str(&printed(site, "status", &["web", "--json"])).unwrap();
        if is(&status) {
            return status;
        }
        assert!(begun.elapsed() < EVENT_TIMEOUT, "{what}: {status}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn ports(is_ready: bool) -> Value {
    json!([
        { "port": 8080, "ready": is_ready, "checked": true },
        { "port": 9000, "ready": false, "checked": false },
    ])
}

async fn start_node(site: &Site, machine: &str, owner: &Keypair) -> NodeProcess {
    let node = site.start_node(site.nosana_on(machine, owner, &["node", "run"]));
    node.says("announced where this node is reached").await;
    node.says("waits in the queue").await;
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_is_no_longer_ready_is_stopped_and_replaced_on_another_node() {
    let site = Site::start(HEARTBEAT_SECONDS, 0).await;
    let other = site.another_owner().await;
    let mut nodes = vec![
        start_node(&site, "one", &site.world.node).await,
        start_node(&site, "two", &other).await,
    ];
    write_stopping_service(&site);
    let command = deploy(&site, &["--unhealthy-after", "10s"]);

    let (first, job) = running(&site, 1).await.remove(0);
    let ready =
        status_until(&site, "ready", |status| status["replicas"][0]["healthy"] == json!(true))
            .await;
    assert_eq!(ready["replicas"][0]["ports"], ports(true), "{ready}");
    assert_eq!(ready["unhealthy_in_row"], 0, "{ready}");
    assert!(printed(&site, "status", &["web"]).contains(", ready 1 of 2 ports\n"));

    // The node's checks fail, and the time to recover passes.
    command.says(&format!("{first} on {} has not been ready for", job.node)).await;
    let stopped = site.settled(first).await;
    assert_eq!(stopped.reason, Reason::ClientStopped as u8);
    assert_eq!((stopped.escrow, stopped.payer_credit), (0, 0), "what it did not run is not paid");

    let (second, replacement) = running(&site, 1).await.remove(0);
    assert_ne!(second, first);
    assert_ne!(replacement.node, job.node, "another node waits: {}", command.log());
    // The next one in a row is not listed at once, until this one is healthy.
    status_until(&site, "the replacement is ready", |status| {
        let replica = &status["replicas"][0];
        replica["job"] == second.to_string().as_str()
            && replica["ports"] == ports(true)
            && status["unhealthy_in_row"] == 0
    })
    .await;

    drop(command);
    assert!(printed(&site, "stop", &["web"]).contains("1 replicas ended"));
    assert_eq!(settled(&site).await.len(), 2);
    for node in &mut nodes {
        node.leaves().await;
    }
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_never_is_healthy_is_listed_less_and_less() {
    let site = Site::start(HEARTBEAT_SECONDS, 0).await;
    let mut node = start_node(&site, "one", &site.world.node).await;
    let expose = json!([{ "port": 8080, "health_checks": [{ "type": "tcp" }] }]);
    write_service(&site, "sleep 3000", &expose);
    let command = deploy(&site, &["--start-grace", "5s"]);

    // A silent service has a report, too. The first replica is replaced at once.
    let (first, job) = running(&site, 1).await.remove(0);
    command.says(&format!("{first} on {} has not become ready within", job.node)).await;
    site.settled(first).await;
    let (second, _) = running(&site, 1).await.remove(0);
    let held = status_until(&site, "held", |status| status["unhealthy_in_row"] == 2).await;
    assert!(held["next_listing"].is_i64(), "{held}");

    // The second is not, and the status says when.
    site.settled(second).await;
    assert_eq!(jobs(&site).await.len(), 2, "{}", command.log());
    let said = printed(&site, "status", &["web"]);
    assert!(said.contains("health    2 replicas in a row were not healthy"), "{said}");
    command.says("2 replicas in a row were not healthy").await;

    drop(command);
    printed(&site, "stop", &["web"]);
    node.leaves().await;
    site.world.stop().await.unwrap();
}
