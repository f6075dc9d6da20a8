//! Ports of containers, through `nosana job connect` on the client's machine.

use std::{
    io::{BufRead, BufReader, Read},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{SERVE, Site, container, network::Network};

/// Longest time of a step on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// `nosana job connect`, until this is dropped.
struct Connection {
    process: Child,
    lines: Receiver<String>,
}

impl Connection {
    fn start(network: &Network, job: &str, ports: &str) -> Self {
        let mut command =
            network.command("client", &["job", "connect", job, "--port", ports, "--wait"]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let printed = BufReader::new(process.stdout.take().unwrap());

        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in printed.lines().map_while(Result::ok) {
                // The test may have ended.
                let _ = sender.send(line);
            }
        });
        Self { process, lines }
    }

    /// Waits until its process ends, which must succeed.
    fn wait_for_end(&mut self) {
        let until = Instant::now() + PATIENCE;

        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            assert!(Instant::now() < until, "it does not end with its job");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn call_port(port: u16) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();

    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_port_of_a_container_is_checked_and_reached_from_the_client_until_the_job_ends() {
    let Some(site) = Site::start() else { return };
    let check = json!({ "type": "tcp", "continuous": true });
    let expose = json!([{ "port": 8080, "name": "pong", "health_checks": [check] }]);
    // Until it listens, the port is not ready.
    let late = format!("sleep 3; {SERVE}");
    let ops = json!([container("server", json!({ "cmd": late, "expose": expose }))]);
    let path = site.write("port.json", json!({}), ops);
    let listed = site.network.done("client", &["job", "post", path.to_str().unwrap(), "--yes"]);
    let job = listed.trim();

    let port = free_port();
    let mut connection = Connection::start(&site.network, job, &format!("{port}:8080"));
    let line = connection.lines.recv_timeout(PATIENCE).expect("it is connected");
    let expected = format!("http://127.0.0.1:{port} leads to port 8080 (pong) of the job");
    assert_eq!(line, expected);
    for _ in 0..3 {
        assert_eq!(call_port(port), "pong\n");
    }

    site.network.done("client", &["job", "stop", job]);
    connection.wait_for_end();
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(), "nothing listens any more");
}
