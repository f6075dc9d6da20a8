//! A gateway in front of a job: real processes, a visitor without a wallet.

mod site;

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Command, Output},
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use nosana_client::{actions, pda};
use nosana_protocol::job::State;
use serde_json::{Value, json};
use site::{NodeProcess, Site};
use solana_address::Address;
use solana_signer::Signer;
use tokio_tungstenite::{client_async, tungstenite::Message};

const ANNOUNCED: &str = "announced where this node is reached";
const SERVICE: &str = include_str!("service.py");
const DOMAIN: &str = "jobs.example.com";
const MIB: usize = 1 << 20;
/// The bounds of the tests' gateway.
const MAX_PER_VISITOR: usize = 12;
const IDLE_SECONDS: u64 = 4;
/// The gateway's own bound.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);

fn done(mut command: Command) -> String {
    let output: Output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Starts the node. It runs no model, and one thread starts sooner on a busy machine.
async fn start_node(site: &Site) -> NodeProcess {
    let mut command = site.nosana_on("node", &site.world.node, &["node", "run"]);
    command.args(["--cpu-threads", "1"]);
    let node = site.start_node(command);
    node.says(ANNOUNCED).await;
    node
}

/// A site with a node that runs the service, and a gateway.
struct GatewaySite {
    site: Site,
    node: NodeProcess,
    gateway: NodeProcess,
    address: SocketAddr,
    admin: SocketAddr,
    job: Address,
}

impl GatewaySite {
    async fn start(more: &[&str]) -> Self {
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

    async fn wait_until_ready(&self) {
        let begun = Instant::now();
        loop {
            let answer = self.get("/");
            if answer.status == 200 {
                return;
            }
            assert!([502, 503].contains(&answer.status), "{answer:?}");
            assert!(begun.elapsed() < site::EVENT_TIMEOUT, "{answer:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    fn host_of(&self, port: u16) -> String {
        let mut url = Command::new(env!("CARGO_BIN_EXE_nosana"));
        url.args(["gateway", "url", &self.job.to_string(), &port.to_string()]);
        let url = done({
            url.args(["--gateway", DOMAIN]);
            url
        });
        url.trim().strip_prefix("https://").unwrap().strip_suffix('/').unwrap().to_owned()
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Another visitor: each address of the loopback network is one.
    async fn connect_from(&self, last: u8) -> TcpStream {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, last], 0))).unwrap();
        let stream = socket.connect(self.address).await.unwrap().into_std().unwrap();
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Sends a request as it is, and reads the answer until the connection ends.
    fn exchange(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        // A refusal may come before everything is sent.
        let _ = stream.write_all(request);
        Answer::read(stream)
    }

    fn get_from(&self, host: &str, path: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        self.exchange(request.as_bytes())
    }

    fn get(&self, path: &str) -> Answer {
        self.get_from(&self.host_of(8080), path)
    }

    fn request(&self, head: &str, body: &[u8]) -> Answer {
        let host = self.host_of(8080);
        let head = format!("{head} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        self.exchange(&[head.as_bytes(), body].concat())
    }

    async fn stop_job(&self) {
        let mut stop = self.site.nosana_on("client", &self.site.world.client, &["job", "stop"]);
        stop.arg(self.job.to_string());
        done(stop);
    }

    async fn end(mut self) {
        if self.site.job(self.job).await.state == State::Running as u8 {
            self.stop_job().await;
        }
        self.gateway.signal("-TERM");
        assert!(self.gateway.ended().await.success(), "{}", self.gateway.log());
        self.node.leaves().await;
        self.site.world.stop().await.unwrap();
    }
}

fn find_address(line: &str) -> SocketAddr {
    let rest = line.split("http://").nth(1).unwrap();
    rest.split([' ', '/']).next().unwrap().parse().unwrap()
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        // A reset after the answer loses nothing of it.
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or_default();
        let body = bytes.get(end + 4..).unwrap_or_default().to_vec();
        Self { status, head: head.to_ascii_lowercase(), body }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The bytes of a body in chunks, after the head.
fn chunked(body: &[u8]) -> Vec<u8> {
    let mut bytes = b"Transfer-Encoding: chunked\r\n\r\n".to_vec();
    for part in body.chunks(10_000) {
        bytes.extend(format!("{:x}\r\n", part.len()).into_bytes());
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

fn sized(body: &[u8]) -> Vec<u8> {
    [format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_use_a_public_port_by_http_websockets_and_events() {
    let fixture = GatewaySite::start(&[]).await;
    let host = fixture.host_of(8080);

    // A name in capitals, and the headers that the job sees.
    let answer = fixture.get_from(&format!("{}:8088", host.to_ascii_uppercase()), "/a?b=c");
    assert_eq!((answer.status, answer.text().as_str()), (200, "the path is /a?b=c"));
    assert!(answer.head.contains("x-service: yes"), "{}", answer.head);
    let claimed = "X-Forwarded-For: 6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nKeep-Alive: x\r\n\
                   X_Forwarded_For: 6.6.6.6\r\nX_Real_IP: 6.6.6.6\r\n\r\n";
    let seen = fixture.request("GET /headers", claimed.as_bytes());
    assert!(!seen.text().contains("6.6.6.6"), "{}", seen.text());
    let seen: Vec<(String, String)> = serde_json::from_slice(&seen.body).unwrap();
    let value = |name: &str| {
        let mut found = seen.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let first = found.next().map(|(_, value)| value.clone());
        assert!(found.next().is_none(), "{name} is there twice");
        first
    };
    assert_eq!(value("x-forwarded-for").unwrap(), "127.0.0.1");
    assert_eq!(value("x-forwarded-proto").unwrap(), "http");
    assert_eq!(value("host").unwrap(), host);
    assert_eq!((value("x-real-ip"), value("keep-alive")), (None, None));

    // Both ways, with a length and in chunks.
    let answer = fixture.get(&format!("/bytes/{MIB}"));
    assert!(answer.status == 200 && answer.body == vec![b'x'; MIB], "{}", answer.head);
    let body: Vec<u8> = (0..MIB).map(|index| (index % 251) as u8).collect();
    let digest = "POST /";
    let by_length = fixture.request(digest, &sized(&body));
    let by_chunks = fixture.request(digest, &chunked(&body));
    assert_eq!((by_length.status, by_length.body.len()), (200, 64), "{by_length:?}");
    assert_eq!(by_length.text(), by_chunks.text());
    // A search that is a GET with a body.
    assert_eq!(fixture.request("GET /body", &chunked(&body)).text(), by_chunks.text());
    assert_eq!(fixture.request("GET /body", &sized(&body)).text(), by_chunks.text());
    // The service answers before it has read the body, and closes.
    let refused = fixture.request("POST /refuse", &sized(&body));
    assert_eq!((refused.status, refused.text().as_str()), (413, "no!"), "{refused:?}");
    assert!(refused.head.contains("x-service: yes"), "{refused:?}");

    // The first event arrives long before the response ends.
    let mut stream = fixture.connect();
    let begun = Instant::now();
    write!(stream, "GET /events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut seen = String::new();
    let mut part = [0; 1_000];
    while !seen.contains("data: 0") {
        let count = stream.read(&mut part).unwrap();
        assert!(count > 0, "{seen}");
        seen.push_str(&String::from_utf8_lossy(&part[..count]));
    }
    assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}", begun.elapsed());
    let rest = Answer::read(stream).head;
    assert!(rest.contains("data: 2"), "{rest}");

    // A WebSocket, by a client that others wrote.
    let tcp = tokio::net::TcpStream::connect(fixture.address).await.unwrap();
    let (mut socket, _) = client_async(format!("ws://{host}/socket"), tcp).await.unwrap();
    for text in ["hello".to_owned(), "long ".repeat(1_000)] {
        socket.send(Message::text(text.clone())).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::text(text));
    }
    let open = fixture.metrics();
    assert!(open.contains("nosana_gateway_websockets 1"), "{open}");
    socket.close(None).await.unwrap();

    fixture.end().await;
}

impl GatewaySite {
    fn metrics(&self) -> String {
        let mut stream = TcpStream::connect(self.admin).unwrap();
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
        Answer::read(stream).text()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_leads_to_public_ports_of_running_jobs_and_nowhere_else() {
    let mut fixture = GatewaySite::start(&[]).await;
    let host = fixture.host_of(8080);

    // Not public, not exposed, no job, no name of a job.
    let unknown = Address::new_from_array([9; 32]);
    for (name, words) in [
        (fixture.host_of(9000), "no public port 9000"),
        (fixture.host_of(22), "no public port 22"),
        (host.replace(&host[..52], &"a".repeat(52)), "does not exist: it was never listed"),
        ("example.com".to_owned(), "not one of a job and a port"),
        (DOMAIN.to_owned(), "not one of a job and a port"),
        (format!("{unknown}-8080.{DOMAIN}"), "not one of a job and a port"),
        (fixture.address.to_string(), "not one of a job and a port"),
    ] {
        let answer = fixture.get_from(&name, "/");
        assert_eq!(answer.status, 404, "{name}: {answer:?}");
        assert!(answer.text().contains(words), "{name}: {answer:?}");
    }
    assert_eq!(fixture.get_from(DOMAIN, "/health").text(), "ok\n");

    // An account that is not a job.
    let market = fixture.site.world.market;
    let not_a_job = nosana_gateway::JobHost { job: market, port: 8080 };
    assert_eq!(fixture.get_from(&format!("{not_a_job}.{DOMAIN}"), "/").status, 404);

    // No proxy, and no two readings of one request.
    let two_hosts = format!("GET / HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n");
    let elsewhere = format!("GET http://example.com/ HTTP/1.1\r\nHost: {host}\r\n\r\n");
    for (request, status) in [
        ("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", 405),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        (&two_hosts, 400),
        (&elsewhere, 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, x\r\n\r\n", 400),
    ] {
        let request = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        let answer = fixture.exchange(request.as_bytes());
        assert_eq!(answer.status, status, "{request}: {answer:?}");
    }
    // Two lengths: the chunks count, and what follows is not a request.
    let inner = format!("GET /inner HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\
         \r\n0\r\n\r\n{inner}",
        5 + inner.len()
    );
    let answer = fixture.exchange(request.as_bytes());
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!answer.text().contains("inner"), "{answer:?}");

    // Larger than the bound, as announced and as it comes.
    let large = vec![0; 4 * MIB];
    assert_eq!(fixture.request("POST /", &sized(&large)).status, 413);
    assert_eq!(fixture.request("POST /", &chunked(&large)).status, 413);

    // What the job does wrong.
    assert_eq!(fixture.get("/garbage").status, 502);
    // The connection breaks, maybe before its first bytes are sent: never a complete answer.
    let broken = fixture.get("/broken");
    let text = broken.text();
    assert!(text.is_empty() || text == "half", "it ends before its length: {broken:?}");
    let slow = fixture.get("/slow");
    assert_eq!(slow.status, 504, "{slow:?}");

    // A node that vanished, and came back.
    fixture.node.signal("-KILL");
    fixture.node.killed().await;
    let gone = fixture.get("/");
    assert!([502, 504].contains(&gone.status), "{gone:?}");
    fixture.node = start_node(&fixture.site).await;
    fixture.wait_until_ready().await;

    fixture.stop_job().await;
    let ended = fixture.get("/");
    assert!(ended.status == 404 && ended.text().contains("has ended"), "{ended:?}");
    let metrics = fixture.metrics();
    for outcome in ["not_public", "unknown_job", "unknown_host", "too_large", "timed_out", "ended"]
    {
        let line = format!("nosana_gateway_requests_total{{outcome=\"{outcome}\"}}");
        assert!(metrics.contains(&line), "{line} is not in\n{metrics}");
    }
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_waits_is_asked_for_later() {
    let fixture = GatewaySite::start(&[]).await;
    let world = &fixture.site.world;
    let drain = actions::set_draining(world.node.pubkey(), true);
    world.session.send_transaction(&[drain.into()], &world.node, &[]).await.unwrap();
    while !world.session.fetch_queue(&world.market).await.unwrap().waiting.is_empty() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let listed = fixture.site.list(77, "waits").await;
    assert_eq!(listed, pda::jobs::job(&world.client.pubkey(), 77));
    let host = nosana_gateway::JobHost { job: listed, port: 8080 };
    let answer = fixture.get_from(&format!("{host}.{DOMAIN}"), "/");
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.head.contains("retry-after: ") && answer.text().contains("does not run yet"));
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_visitor_cannot_take_everything() {
    let bounds = ["--max-connections", "20", "--max-per-job", "4", "--max-wait", "1"];
    let fixture = GatewaySite::start(&bounds).await;
    let host = fixture.host_of(8080);

    // Heads that never end: their connections are closed, and others are served meanwhile.
    let begun = Instant::now();
    let mut slow: Vec<TcpStream> = (0..MAX_PER_VISITOR - 1).map(|_| fixture.connect()).collect();
    for stream in &mut slow {
        write!(stream, "GET / HTTP/1.1\r\nHost: ").unwrap();
    }
    assert_eq!(fixture.get("/").status, 200);
    slow.push(fixture.connect());
    tokio::time::sleep(Duration::from_millis(200)).await;
    let refused = Answer::read(fixture.connect());
    assert_eq!(refused.status, 429, "{refused:?}");
    assert!(refused.head.contains("retry-after"), "{refused:?}");

    while begun.elapsed() < HEAD_TIMEOUT - Duration::from_secs(3) {
        slow.iter_mut().for_each(|stream| _ = stream.write_all(b"x"));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    for stream in slow {
        let _ = Answer::read(stream);
    }
    assert!(begun.elapsed() < HEAD_TIMEOUT * 2, "{:?}", begun.elapsed());

    // One visitor has a quarter of a job, and all of them have all of it.
    let request = format!("GET /events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let mut busy = vec![fixture.connect_from(2).await];
    busy[0].write_all(request.as_bytes()).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut second = fixture.connect_from(2).await;
    second.write_all(request.as_bytes()).unwrap();
    assert_eq!(Answer::read(second).status, 429);
    for last in 3..6 {
        let mut stream = fixture.connect_from(last).await;
        stream.write_all(request.as_bytes()).unwrap();
        busy.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let full = fixture.get("/");
    assert!(full.status == 503 && full.text().contains("this job"), "{full:?}");
    for stream in busy {
        let _ = Answer::read(stream);
    }
    fixture.wait_until_ready().await;
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_says_who_its_visitor_is() {
    let fixture = GatewaySite::start(&["--trust-proxy", "127.0.0.1", "--max-wait", "3"]).await;
    let forwarded = "X-Forwarded-For: 6.6.6.6, 198.51.100.7\r\nX-Forwarded-Proto: https\r\n\r\n";
    let seen = fixture.request("GET /headers", forwarded.as_bytes());
    let seen: Value = serde_json::from_slice(&seen.body).unwrap();
    let seen = seen.to_string().to_ascii_lowercase();
    assert!(seen.contains("[\"x-forwarded-for\",\"198.51.100.7\"]"), "{seen}");
    assert!(seen.contains("[\"x-forwarded-proto\",\"https\"]"), "{seen}");

    // Its connections are not those of one visitor, but each visitor has a bound.
    let proxy: Vec<TcpStream> = (0..=MAX_PER_VISITOR).map(|_| fixture.connect()).collect();
    assert_eq!(fixture.get("/").status, 200);
    drop(proxy);
    let host = fixture.host_of(8080);
    let ask = |visitor: &str| {
        let mut stream = fixture.connect();
        let head = format!("GET /events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        write!(stream, "{head}X-Forwarded-For: {visitor}\r\n\r\n").unwrap();
        stream
    };
    let busy: Vec<TcpStream> = (0..MAX_PER_VISITOR).map(|_| ask("198.51.100.7")).collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let other = ask("198.51.100.8");
    assert_eq!(Answer::read(ask("198.51.100.7")).status, 429);
    // A request that is not served at once waits for its turn.
    assert_eq!(Answer::read(ask("198.51.100.7")).status, 200);
    assert_eq!(Answer::read(other).status, 200);
    drop(busy);
    fixture.end().await;
}
