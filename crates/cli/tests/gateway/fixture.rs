//! A network, a node that runs a service, and a gateway in front of it.

use std::{
    fs,
    io::Write,
    net::{SocketAddr, TcpStream},
    process::{Command, Output},
    time::{Duration, Instant},
};

use nosana_protocol::job::State;
use serde_json::{Value, json};
use solana_address::Address;

use crate::{
    http::Answer,
    site::{EVENT_TIMEOUT, NodeProcess, Site},
};

const ANNOUNCED: &str = "announced where this node is reached";
const SERVICE: &str = include_str!("../service.py");
pub const DOMAIN: &str = "jobs.example.com";
/// The bounds of the tests' gateway.
pub const MAX_PER_VISITOR: usize = 12;
const IDLE_SECONDS: u64 = 4;

fn done(mut command: Command) -> String {
    let output: Output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Starts the node. It runs no model, and one thread starts sooner on a busy machine.
pub async fn start_node(site: &Site) -> NodeProcess {
    let mut command = site.nosana_on("node", &site.world.node, &["node", "run"]);
    command.args(["--cpu-threads", "1"]);
    let node = site.start_node(command);
    node.says(ANNOUNCED).await;
    node
}

/// A site with a node that runs the service, and a gateway.
pub struct GatewaySite {
    pub site: Site,
    pub node: NodeProcess,
    gateway: NodeProcess,
    pub address: SocketAddr,
    admin: SocketAddr,
    job: Address,
}

impl GatewaySite {
    pub async fn start(more: &[&str]) -> Self {
        let site = Site::start(60, 0).await;
        let node = start_node(&site).await;

        let expose = json!([{ "port": 8080, "public": true }, 9000]);
        let run = json!(["python3", "-c", SERVICE]);
        let args = json!({ "steps": [{ "name": "serve", "run": run }], "expose": expose });
        let ops = json!([{ "id": "web", "type": "command/run", "args": args }]);
        let file = site.machine("web.json");
        fs::write(&file, json!({ "version": "nosana/1", "ops": ops }).to_string()).unwrap();
        let mut post = site.nosana_on("client", &site.world.client, &["job", "post"]);
        post.arg(&file).args(["--service", "--timeout", "900", "--yes"]);
        let job: Address = done(post).trim().parse().unwrap();
        site.until(job, "running", |job| job.state == State::Running as u8).await;

        // It has no key.
        let wallet = &site.world.client;
        let mut gateway = site.nosana_on("gateway", wallet, &["gateway", "run"]);
        let (per_visitor, idle) = (MAX_PER_VISITOR.to_string(), IDLE_SECONDS.to_string());
        gateway.args(["--domain", DOMAIN, "--listen", "127.0.0.1:0"]);
        gateway.args(["--metrics", "127.0.0.1:0", "--max-body", "3MiB"]);
        gateway.args(["--max-per-visitor", &per_visitor, "--idle-timeout", &idle]).args(more);
        let gateway = site.start_node(gateway);
        let address = find_address(&gateway.says("gateway ").await);
        let admin = find_address(&gateway.says("metrics ").await);

        let started = Self { site, node, gateway, address, admin, job };
        started.wait_until_ready().await;
        started
    }

    pub async fn wait_until_ready(&self) {
        self.wait_for(200).await;
    }

    /// Waits for an answer of this status. The node, the service and the gateway's view of the
    /// chain change one after the other.
    pub async fn wait_for(&self, status: u16) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = self.get("/");
            if answer.status == status {
                return answer;
            }
            assert!([502, 503].contains(&answer.status), "{answer:?}");
            assert!(begun.elapsed() < EVENT_TIMEOUT, "{answer:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    pub fn host_of(&self, port: u16) -> String {
        let mut url = Command::new(env!("CARGO_BIN_EXE_nosana"));
        url.args(["gateway", "url", &self.job.to_string(), &port.to_string()]);
        let url = done({
            url.args(["--gateway", DOMAIN]);
            url
        });
        url.trim().strip_prefix("https://").unwrap().strip_suffix('/').unwrap().to_owned()
    }

    /// What `nosana job show` says about the job's public ports.
    pub fn shown_urls(&self, more: &[&str]) -> Value {
        let mut show = self.site.nosana_on("client", &self.site.world.client, &["job", "show"]);
        show.arg(self.job.to_string()).arg("--json").args(more).env_remove("NOSANA_GATEWAY");
        serde_json::from_str::<Value>(&done(show)).unwrap()["public_urls"].take()
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Another visitor: each address of the loopback network is one.
    pub async fn connect_from(&self, last: u8) -> TcpStream {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, last], 0))).unwrap();
        let stream = socket.connect(self.address).await.unwrap().into_std().unwrap();
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Sends a request as it is, and reads the answer until the connection ends.
    pub fn exchange(&self, request: &[u8]) -> Answer {
        self.exchange_on(self.connect(), request)
    }

    /// Does the same on this connection.
    pub fn exchange_on(&self, mut stream: TcpStream, request: &[u8]) -> Answer {
        // A refusal may come before everything is sent.
        let _ = stream.write_all(request);
        Answer::read(stream)
    }

    pub fn get_from(&self, host: &str, path: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        self.exchange(request.as_bytes())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.get_from(&self.host_of(8080), path)
    }

    pub fn request(&self, head: &str, body: &[u8]) -> Answer {
        let host = self.host_of(8080);
        let head = format!("{head} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        self.exchange(&[head.as_bytes(), body].concat())
    }

    pub async fn stop_job(&self) {
        let mut stop = self.site.nosana_on("client", &self.site.world.client, &["job", "stop"]);
        stop.arg(self.job.to_string());
        done(stop);
    }

    pub async fn end(mut self) {
        if self.site.job(self.job).await.state == State::Running as u8 {
            self.stop_job().await;
        }
        self.gateway.signal("-TERM");
        assert!(self.gateway.ended().await.success(), "{}", self.gateway.log());
        self.node.leaves().await;
        self.site.world.stop().await.unwrap();
    }

    pub fn metrics(&self) -> String {
        let mut stream = TcpStream::connect(self.admin).unwrap();
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
        Answer::read(stream).text()
    }
}

fn find_address(line: &str) -> SocketAddr {
    let rest = line.split("http://").nth(1).unwrap();
    rest.split([' ', '/']).next().unwrap().parse().unwrap()
}
