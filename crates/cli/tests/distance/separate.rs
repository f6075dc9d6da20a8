//! A client and a node on machines of their own: a router is between them, on which the chain runs.

use super::{
    announced::find_announced,
    live_client::{assert_served, find_listed},
    machines::{Machine, assert_router_isolated, enter_namespace, set_forwarding, start_router},
    *,
};

/// The port of the node's endpoint.
const NODE_PORT: u16 = 4433;
/// A log, and files at a port.
const SERVE: &str = "echo serving; python3 -m http.server 8080 > /dev/null 2>&1";
/// Prints the status of an answer from a port of the machine on which it runs.
const GET: &str = "import http.client, sys\n\
                   line = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=30)\n\
                   line.request('GET', '/')\n\
                   print(line.getresponse().status)";

/// The status of an answer from a port of a machine, or why there is none.
pub fn get_on(machine: &Machine, port: u16) -> Result<String, String> {
    let mut get = Command::new("python3");
    get.args(["-c", GET, &port.to_string()]);
    let output = machine.place(&get).output().unwrap();

    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// A network whose client and node share no folder and no interface.
pub struct Distance {
    pub site: Site,
    pub client: Machine,
    pub node: Machine,
    /// The relay of both, or `none`.
    pub relay: String,
}

impl Distance {
    pub async fn start() -> Self {
        start_router();
        let site = Site::start(60, 0).await;
        let [client, node] = [1, 2].map(|number| Machine::start(number, &site.world));
        Self { site, client, node, relay: "none".to_owned() }
    }

    /// Prepares `nosana` with the folder of one machine, to be placed there.
    pub fn nosana(&self, name: &str, owner: &Keypair, subcommand: &[&str]) -> Command {
        let machine = if name == "node" { &self.node } else { &self.client };
        let mut command = self.site.nosana_through(&machine.urls(), name, owner, subcommand);
        // The public relays could not be reached from there.
        command.env("NOSANA_RELAY", &self.relay).env("NO_PROXY", "*");
        command
    }

    /// Starts the node, which clients reach at its address.
    async fn start_node(&self) -> NodeProcess {
        let port = NODE_PORT.to_string();
        let address = self.node.socket(NODE_PORT).to_string();
        self.start_node_with(&["--port", &port, "--public-address", &address]).await
    }

    /// Starts the node with these options, and waits until it has announced where it is reached.
    pub async fn start_node_with(&self, options: &[&str]) -> NodeProcess {
        let mut command = self.nosana("node", &self.site.world.node, &["node", "run"]);
        command.args(["--slots", "1"]).args(options);
        let node = self.site.start_node(self.node.place(&command));
        node.says(ANNOUNCED).await;
        node
    }

    /// Prepares `nosana job` on the client's machine.
    pub fn job(&self, subcommand: &str, arguments: &[&str]) -> Command {
        let mut command = self.nosana("client", &self.site.world.client, &["job", subcommand]);
        command.args(arguments);
        self.client.place(&command)
    }

    /// Starts it.
    pub fn start_job(&self, subcommand: &str, arguments: &[&str]) -> NodeProcess {
        self.site.start_node(self.job(subcommand, arguments))
    }

    /// Lists a job, which prints the last line of its input, and waits until it is settled.
    pub async fn run_batch(&self) -> Address {
        // Several blocks, so that the input is a tree.
        let input = self.site.machine("client.txt");
        let text: String = (0..100_000).map(|number| format!("{number}\n")).collect();
        fs::write(&input, text).unwrap();
        let input = format!("{}:in.txt", input.display());

        let run = ["--yes", "--input", &input, "--", "tail -n 1 in.txt"];
        let address: Address = done(self.job("run", &run)).trim().parse().unwrap();
        assert!(done(self.job("wait", &[&address.to_string()])).contains("99999"));
        self.site.settled(address).await;
        address
    }

    /// Lists a service with port 8080, and forwards port 9000 of the client's machine to it.
    pub async fn start_service(&self) -> (String, NodeProcess) {
        let run = ["--yes", "--service", "--timeout", "900", "--expose", "8080", "--", SERVE];
        let name = done(self.job("run", &run)).trim().to_owned();
        let line = self.start_job("connect", &[&name, "--port", "9000:8080", "--wait"]);
        line.says("http://127.0.0.1:9000 leads to port 8080 of the job").await;
        (name, line)
    }

    /// The status of an answer from a port of the client's machine, or why there is none.
    pub fn get(&self, port: u16) -> Result<String, String> {
        get_on(&self.client, port)
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs network namespaces: `cargo xtask test --only namespaces` runs this where it may"]
async fn a_client_and_a_node_on_two_machines_need_nothing_beyond_them() {
    let test = "a_client_and_a_node_on_two_machines_need_nothing_beyond_them";
    if !enter_namespace(&format!("separate::{test}")) {
        return;
    }
    let distance = Distance::start().await;
    assert_router_isolated(&[&distance.client, &distance.node]);
    distance.client.assert_isolated();
    distance.node.assert_isolated();

    let mut node = distance.start_node().await;
    let announced = find_announced(&distance.site).await;
    assert_eq!(announced.sockets(), [distance.node.socket(NODE_PORT)]);
    assert_eq!(announced.relay(), None);

    // The input has gone to the node, and the log comes from there.
    let batch = distance.run_batch().await.to_string();
    fs::remove_dir_all(distance.site.machine("client")).unwrap();
    assert!(done(distance.job("logs", &[&batch])).contains("99999"));

    let (service, mut line) = distance.start_service().await;
    let follower = distance.start_job("logs", &[&service, "--follow"]);
    follower.says("serving").await;
    assert_eq!(distance.get(9000), Ok("200".to_owned()));
    assert!(distance.get(8080).is_err(), "the port is at the node's machine");

    done(distance.job("stop", &[&service]));
    assert!(line.ended().await.success(), "{}", line.log());
    node.leaves().await;
    distance.site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs network namespaces: `cargo xtask test --only namespaces` runs this where it may"]
async fn a_client_says_that_its_node_is_out_of_reach_and_goes_on_when_it_is_back() {
    let test = "a_client_says_that_its_node_is_out_of_reach_and_goes_on_when_it_is_back";
    if !enter_namespace(&format!("separate::{test}")) {
        return;
    }
    let distance = Distance::start().await;
    let mut node = distance.start_node().await;
    let batch = distance.run_batch().await.to_string();
    fs::remove_dir_all(distance.site.machine("client")).unwrap();
    let (service, mut line) = distance.start_service().await;

    // Both still reach the chain, and neither learns that their packets are dropped.
    set_forwarding(false);
    let mut logs = distance.start_job("logs", &[&batch]);
    let mut connect = distance.start_job("connect", &[&service, "--port", "9001:8080"]);
    let input = distance.site.machine("client.txt");
    fs::write(&input, "brought by its client\n").unwrap();
    let input = format!("{}:in.txt", input.display());
    let mut run = distance.start_job("run", &["--yes", "--input", &input, "--", "cat in.txt"]);

    run.says("none of 1 nodes keeps the definition: the peer did not answer").await;
    assert!(run.ended().await.success(), "the job is listed anyway: {}", run.log());
    assert!(!logs.ended().await.success(), "{}", logs.log());
    logs.says("the only node that was asked did not answer").await;
    assert!(!connect.ended().await.success(), "{}", connect.log());
    connect.says("it did not answer; check that it is running").await;

    set_forwarding(true);
    let begun = Instant::now();
    while let Err(problem) = distance.get(9000) {
        assert!(begun.elapsed() < EVENT_TIMEOUT, "the line stays cut: {problem}\n{}", line.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(done(distance.job("logs", &[&batch])).contains("99999"));

    // The node has no other slot, so it takes the job now.
    let listed = find_listed(&run).await;
    let client = distance.start_job("wait", &[&listed.to_string()]);
    client.says("queued").await;
    done(distance.job("stop", &[&service]));
    assert!(line.ended().await.success(), "{}", line.log());
    assert_served(&distance.site, client, listed, "brought by its client").await;
    node.leaves().await;
    distance.site.world.stop().await.unwrap();
}
