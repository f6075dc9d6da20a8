//! A client and a node on machines of their own, between which no route leads: both reach a third
//! machine, on which a relay runs.

use std::{env, ffi::OsString};

use super::{
    announced::find_announced,
    machines::{Machine, assert_router_isolated, enter_namespace},
    separate::{Distance, SERVE, get_on},
    *,
};

/// Names the program of the relay, unless it is on `PATH`.
const PROGRAM: &str = "IROH_RELAY";
/// The port of the relay.
const RELAY_PORT: u16 = 3340;
/// Options of the relay: plain HTTP, as it has no name for which it could have a certificate.
const RELAY_OPTIONS: &str = "http_bind_addr = \"0.0.0.0:3340\"\nenable_metrics = false\n";
/// The folder of both: content is not exchanged over a relay without HTTPS, and reaches the node as
/// on one machine.
const FOLDER: &str = "shared";

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

/// A client, a node, and a relay.
struct Relayed {
    distance: Distance,
    relay: Machine,
    url: String,
    process: NodeProcess,
}

impl Relayed {
    async fn start(program: OsString) -> Self {
        let distance = Distance::start().await;
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

        let url = format!("http://{}/", relay.socket(RELAY_PORT));
        let relayed = Self { distance, relay, url, process };
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

    /// Prepares `nosana` on one of both machines.
    fn prepare_nosana(&self, machine: &Machine, owner: &Keypair, arguments: &[&str]) -> Command {
        let site = &self.distance.site;
        let mut command = site.nosana_through(&machine.urls(), FOLDER, owner, &arguments[..2]);
        command.args(&arguments[2..]).env("NOSANA_RELAY", &self.url).env("NO_PROXY", "*");
        machine.place(&command)
    }

    /// Prepares `nosana job` on the client's machine.
    fn prepare_job(&self, subcommand: &str, arguments: &[&str]) -> Command {
        let arguments = [&["job", subcommand][..], arguments].concat();
        self.prepare_nosana(&self.distance.client, &self.distance.site.world.client, &arguments)
    }

    fn start_job(&self, subcommand: &str, arguments: &[&str]) -> NodeProcess {
        self.distance.site.start_node(self.prepare_job(subcommand, arguments))
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
    let (distance, relay) = (&relayed.distance, &relayed.relay);
    let (client, node) = (&distance.client, &distance.node);
    assert_router_isolated(&[client, node, relay]);
    assert!(client.has_route(relay) && node.has_route(relay), "both reach the relay");
    assert!(!client.has_route(node) && !node.has_route(client), "they do not reach each other");

    let owner = &distance.site.world.node;
    let run = relayed.prepare_nosana(node, owner, &["node", "run", "--slots", "1"]);
    let mut node = distance.site.start_node(run);
    node.says(ANNOUNCED).await;
    let announced = find_announced(&distance.site).await;
    assert_eq!(announced.relay().unwrap().as_str(), relayed.url);
    assert!(announced.sockets().is_empty(), "{announced}");

    // A client dials a relay without HTTPS only where its user names it.
    let address = announced.to_string();
    let run = ["--yes", "--service", "--timeout", "900", "--expose", "8080", "--", SERVE];
    let service = done(relayed.prepare_job("run", &run)).trim().to_owned();
    let connect = [&*service, "--node", &address, "--port", "9000:8080", "--wait"];
    let mut line = relayed.start_job("connect", &connect);
    line.says("http://127.0.0.1:9000 leads to port 8080 of the job").await;
    assert_eq!(distance.get(9000), Ok("200".to_owned()));

    let follower = relayed.start_job("logs", &[&service, "--follow", "--node", &address]);
    follower.says("serving").await;

    done(relayed.prepare_job("stop", &[&service]));
    assert!(line.ended().await.success(), "{}", line.log());
    node.leaves().await;
    relayed.distance.site.world.stop().await.unwrap();
}
