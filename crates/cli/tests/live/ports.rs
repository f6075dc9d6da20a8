//! Ports of a running job, through `nosana job connect`: files, events, WebSockets and a model.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures_util::StreamExt;
use nosana_client::jobs::accounts::Job;
use serde_json::{Value, json};
use solana_address::Address;

use super::{
    SERVE, done, exchange, free_port, get, job, list, refused, site::Site, start_node, streams,
};

/// Longest delay of a line of a log.
const MAX_DELAY: Duration = Duration::from_secs(1);

/// A service with events and WebSockets.
const SERVICE: &str = include_str!("../service.py");

fn post(port: u16, path: &str, body: &Value) -> io::Result<String> {
    let body = body.to_string();
    let length = body.len();
    let head = "Host: localhost\r\nContent-Type: application/json\r\nConnection: close";
    let request =
        format!("POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}");
    exchange(port, &request)
}

/// How late the last complete line of a log arrived, by the time that it has.
fn find_delay(log: &str) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let printed = log.lines().rev().find_map(|line| line.strip_prefix("at ")).unwrap();
    let printed = printed.parse().unwrap();
    now.saturating_sub(Duration::from_nanos(printed))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_followed_and_a_port_is_reached_until_the_job_ends() {
    let site = Site::start(60, 0).await;
    let mut node = start_node(&site).await;
    let run = ["--service", "--timeout", "900", "--expose", "8080", "--", SERVE];
    let address = list(&site, "run", &run).await;
    let name = address.to_string();

    let mut follower = site.start_node(job(&site, "logs", &[&name, "--follow"]));
    follower.says("at ").await;
    let delays: Vec<Duration> = (0..4)
        .map(|_| {
            let seen = follower.log().len();
            while follower.log().len() == seen {
                std::thread::sleep(Duration::from_millis(20));
            }
            find_delay(&follower.log())
        })
        .collect();
    assert!(delays.iter().all(|delay| *delay < MAX_DELAY), "{delays:?}");
    follower.says("[node] run / run").await;

    let port = free_port();
    let choice = format!("{port}:8080");
    let mut line = site.start_node(job(&site, "connect", &[&name, "--port", &choice, "--wait"]));
    line.says(&format!("http://127.0.0.1:{port} leads to port 8080 of the job")).await;
    follower.says("[node] port 8080 is ready").await;
    let answer = get(port, "/").unwrap();
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, 8080)).is_err(), "only through the node");
    let other = refused(job(&site, "connect", &[&name, "--port", "80"]));
    assert!(other.contains("does not expose port 80; it exposes 8080"), "{other}");

    done(job(&site, "stop", &[&name]));
    assert!(line.ended().await.success(), "{}", line.log());
    line.says("the job has ended").await;
    assert!(follower.ended().await.success(), "{}", follower.log());
    assert!(get(port, "/").is_err());
    let late = refused(job(&site, "connect", &[&name]));
    assert!(late.contains("the job does not run: it is settled"), "{late}");

    node.leaves().await;
    site.world.stop().await.unwrap();
}

/// The ready ports of the first report that is not `earlier`, which a heartbeat names.
async fn report_after(site: &Site, job_address: Address, earlier: [u8; 32]) -> (Value, [u8; 32]) {
    let is_new = |job: &Job| job.checkpoint != earlier;
    let reported = site.until(job_address, "reported", is_new).await.checkpoint;
    let logs = done(job(site, "logs", &[&job_address.to_string(), "--json"]));
    let logs: Value = serde_json::from_str(&logs).unwrap();
    (logs["report"]["ready_ports"].clone(), reported)
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_report_which_ports_are_ready() {
    let site = Site::start(30, 0).await;
    let mut node = start_node(&site).await;

    // It prints nothing. The first report says that no port is ready, a later one that one is.
    let line = "sleep 30; python3 -m http.server 8080 > /dev/null 2>&1";
    let run = ["--service", "--timeout", "900", "--expose", "8080", "--expose", "9000", "--", line];
    let address = list(&site, "run", &run).await;
    let (mut ready_ports, mut reported) = report_after(&site, address, [0; 32]).await;
    assert_eq!(ready_ports, Value::Null, "none");
    for _ in 0..9 {
        if ready_ports.is_null() {
            (ready_ports, reported) = report_after(&site, address, reported).await;
        }
    }
    assert_eq!(ready_ports, json!([8080]));

    done(job(&site, "stop", &[&address.to_string()]));
    node.leaves().await;
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn events_and_websockets_go_through_a_connected_port() {
    let site = Site::start(60, 0).await;
    let mut node = start_node(&site).await;
    let run = ["--service", "--timeout", "900", "--expose", "8080", "--", "python3", "-c", SERVICE];
    let address = list(&site, "run", &run).await;
    let name = address.to_string();
    let port = free_port();
    let choice = format!("{port}:8080");
    let mut line = site.start_node(job(&site, "connect", &[&name, "--port", &choice, "--wait"]));
    line.says("leads to port 8080").await;

    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let host = local.to_string();
    let stream = TcpStream::connect(local).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    streams::assert_events(stream, &host);

    // One is closed by the visitor, another one by the end of the job.
    streams::open_echo(local, &host).await.close(None).await.unwrap();
    let mut open = streams::open_echo(local, &host).await;
    done(job(&site, "stop", &[&name]));
    let rest = tokio::time::timeout(Duration::from_secs(60), open.next()).await.unwrap();
    assert!(!matches!(rest, Some(Ok(_))), "{rest:?}");

    assert!(line.ended().await.success(), "{}", line.log());
    node.leaves().await;
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_served_model_answers_through_a_port_of_this_machine() {
    let site = Site::start(60, 0).await;
    let mut node = start_node(&site).await;
    let address = list(&site, "serve", &["--timeout", "900"]).await;
    let name = address.to_string();

    let port = free_port();
    let choice = format!("{port}:8000");
    let mut line = site.start_node(job(&site, "connect", &[&name, "-p", &choice, "--wait"]));
    line.says("leads to port 8000").await;
    let answer = get(port, "/v1/models").unwrap();
    assert!(answer.contains("SmolLM2-135M-Instruct"), "{answer}");
    let request = json!({
        "model": "SmolLM2-135M-Instruct",
        "messages": [{ "role": "user", "content": "What is the capital city of Germany?" }],
        "max_tokens": 12,
        "temperature": 0,
    });
    let answer = post(port, "/v1/chat/completions", &request).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let text = body["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(text.contains("Berlin"), "{body}");

    done(job(&site, "stop", &[&name]));
    assert!(line.ended().await.success(), "{}", line.log());
    node.leaves().await;
    site.world.stop().await.unwrap();
}
