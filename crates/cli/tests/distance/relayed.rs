//! A client and a node on machines of their own, between which no route leads: both reach a third
//! machine, on which a relay runs.

use std::{env, ffi::OsString};

use super::{
    announced::find_announced,
    live_client::find_listed,
    machines::{Machine, assert_router_isolated, enter_namespace},
    separate::{Distance, get_on},
    *,
};

/// Names the program of the relay, unless it is on `PATH`.
const PROGRAM: &str = "IROH_RELAY";
/// The port of the relay.
const RELAY_PORT: u16 = 3340;
/// Options of the relay: plain HTTP, as it has no name for which it could have a certificate.
const RELAY_OPTIONS: &str = "http_bind_addr = \"0.0.0.0:3340\"\nenable_metrics = false\n";

/// Returns the program of the relay. Where it is missing, the step `namespaces` leaves this test
/// out.
fn find_program() -> OsString {
    let program = env::var_os(PROGRAM).unwrap_or_else(|| "iroh-relay".into());

    let output = Command::new(&program).arg("--version").output();
    assert!(
        output.is_ok_and(|output| output.status.success()),
        "the relay's program {program:?} does not run; install iroh-relay as tests/README.md says, \
         and put it on PATH, or set {PROGRAM} to its path"
    );
    program
}

/// A client, a node, and a relay, which both have chosen.
struct Relayed {
    distance: Distance,
    relay: Machine,
    process: NodeProcess,
}

impl Relayed {
    async fn start(program: OsString) -> Self {
        let mut distance = Distance::start().await;
        let relay = Machine::start(3, &distance.site.world);
        for machine in [&distance.client, &distance.node] {
            machine.reach_only(&relay);
        }

        let folder = distance.site.machine("relay");
        fs::create_dir_all(&folder).unwrap();
        let options = folder.join("relay.toml");
        fs::write(&options, RELAY_OPTIONS).unwrap();
        let mut command = Command::new(program);
        command.arg("--config-path").arg(options).env("RUST_LOG", "info");
        let process = distance.site.start_node(relay.place(&command));

        distance.relay = format!("http://{}/", relay.socket(RELAY_PORT));
        let relayed = Self { distance, relay, process };
        relayed.wait_for_relay().await;
        relayed
    }

    async fn wait_for_relay(&self) {
        let begun = Instant::now();

        while let Err(problem) = get_on(&self.relay, RELAY_PORT) {
            let waited = begun.elapsed();
            assert!(waited < EVENT_TIMEOUT, "no relay: {problem}\n{}", self.process.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Checks that the relay is all that both sides reach beside the chain.
    fn assert_isolated(&self) {
        let (client, node) = (&self.distance.client, &self.distance.node);

        assert_router_isolated(&[client, node, &self.relay]);
        assert!(client.has_route(&self.relay) && node.has_route(&self.relay));
        assert!(!client.has_route(node) && !node.has_route(client));
    }

    /// Starts the node, and checks that it announces the relay alone.
    async fn start_node(&self) -> NodeProcess {
        let node = self.distance.start_node_with(&["--any-address"]).await;
        let announced = find_announced(&self.distance.site).await;

        assert_eq!(announced.relay().unwrap().as_str(), self.distance.relay);
        assert!(announced.sockets().is_empty(), "{announced}");
        node
    }

    /// What the client's machine says of the node, if its user has chosen this relay.
    fn describe_node(&self, relay: &str) -> String {
        let (distance, owner) = (&self.distance, &self.distance.site.world.node);

        let mut status = distance.nosana("client", owner, &["node", "status"]);
        status.env("NOSANA_RELAY", relay);
        done(distance.client.place(&status))
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs network namespaces: `cargo xtask test --only namespaces` runs this where it may"]
async fn a_job_is_reached_over_a_relay_where_no_route_leads_to_its_node() {
    let test = "a_job_is_reached_over_a_relay_where_no_route_leads_to_its_node";
    let program = find_program();
    if !enter_namespace(&format!("relayed::{test}")) {
        return;
    }
    let relayed = Relayed::start(program).await;
    relayed.assert_isolated();
    let distance = &relayed.distance;
    let mut node = relayed.start_node().await;

    let (service, mut line) = distance.start_service().await;
    assert_eq!(distance.get(9000), Ok("200".to_owned()));
    let follower = distance.start_job("logs", &[&service, "--follow"]);
    follower.says("serving").await;

    done(distance.job("stop", &[&service]));
    assert!(line.ended().await.success(), "{}", line.log());
    node.leaves().await;
    relayed.distance.site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs network namespaces: `cargo xtask test --only namespaces` runs this where it may"]
async fn content_travels_over_a_relay_alone() {
    let program = find_program();
    if !enter_namespace("relayed::content_travels_over_a_relay_alone") {
        return;
    }
    let relayed = Relayed::start(program).await;
    relayed.assert_isolated();
    let distance = &relayed.distance;
    let mut node = relayed.start_node().await;

    // A relay without HTTPS is dialed if the user has named it. That a node names it is not enough.
    let said = relayed.describe_node(&distance.relay);
    assert!(said.contains("answers in"), "{said}");
    let said = relayed.describe_node("http://11.7.9.9/");
    assert!(said.contains("names neither a relay with HTTPS"), "{said}");

    // Definition and input go to the node, and the result comes from there, twice.
    let batch = distance.run_batch().await.to_string();
    fs::remove_dir_all(distance.site.machine("client")).unwrap();
    assert!(done(distance.job("logs", &[&batch])).contains("99999"));

    // Of a private job, they go to the node that has taken it.
    let input = distance.site.machine("client.txt");
    fs::write(&input, "for its node alone\n").unwrap();
    let input = format!("{}:in.txt", input.display());
    let run = ["--yes", "--wait", "--private", "--input", &input, "--", "cat in.txt"];
    let mut client = distance.start_job("run", &run);
    assert!(client.ended().await.success(), "{}", client.log());
    client.says("for its node alone").await;
    let private = find_listed(&client).await;
    assert_eq!(distance.site.job(private).await.is_private, 1);

    node.leaves().await;
    relayed.distance.site.world.stop().await.unwrap();
}
