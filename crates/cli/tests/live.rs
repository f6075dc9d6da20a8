//! Logs and ports of running jobs: real processes, a client and a node that share no folder.

mod site;
mod streams;

use std::{
    ffi::OsStr,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Command, Output, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use futures_util::StreamExt;
use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::State;
use serde_json::{Value, json};
use site::{NodeProcess, Site};
use solana_address::Address;

const ANNOUNCED: &str = "announced where this node is reached";
/// Longest delay of a line of a log.
const MAX_DELAY: Duration = Duration::from_secs(1);

/// Longest pause of an answer on a busy machine.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(240);

/// Prints the time every half second, beside a server of files.
const SERVE: &str = "python3 -m http.server 8080 > /dev/null 2>&1 & \
                     while :; do echo \"at $(date +%s%N)\"; sleep 0.5; done";

/// A service with events and WebSockets.
const SERVICE: &str = include_str!("service.py");

fn job(site: &Site, subcommand: &str, arguments: &[&str]) -> Command {
    let mut command = site.nosana_on("client", &site.world.client, &["job", subcommand]);
    command.args(arguments);
    command
}

/// A command of somebody without a wallet in this network.
fn visit(site: &Site, subcommand: &str, arguments: &[&str]) -> Command {
    let mut command = job(site, subcommand, arguments);
    command.args(["--config", "/dev/null"]).env("NOSANA_KEYPAIR", "/nonexistent");
    command
}

fn done(mut command: Command) -> String {
    let output: Output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn refused(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{command:?} succeeded");
    String::from_utf8(output.stderr).unwrap()
}

async fn start_node(site: &Site) -> NodeProcess {
    let node = site.start_node(site.nosana_on("node", &site.world.node, &["node", "run"]));
    node.says(ANNOUNCED).await;
    node
}

async fn list(site: &Site, subcommand: &str, arguments: &[&str]) -> Address {
    let listed = done(job(site, subcommand, &[&["--yes"], arguments].concat()));
    let address = listed.trim().parse().unwrap();
    site.until(address, "running", |job| job.state == State::Running as u8).await;
    address
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn get(port: u16, path: &str) -> io::Result<String> {
    exchange(port, &format!("GET {path} HTTP/1.0\r\n\r\n"))
}

fn post(port: u16, path: &str, body: &Value) -> io::Result<String> {
    let body = body.to_string();
    let length = body.len();
    let head = "Host: localhost\r\nContent-Type: application/json\r\nConnection: close";
    let request =
        format!("POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}");
    exchange(port, &request)
}

/// Sends a request, and returns everything that comes back.
fn exchange(port: u16, request: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    stream.write_all(request.as_bytes())?;

    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
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
async fn grants_let_others_in_and_no_further() {
    let site = Site::start(60, 0).await;
    let mut node = start_node(&site).await;
    let run = ["--service", "--timeout", "900", "--expose", "8080", "--", SERVE];
    let address = list(&site, "run", &run).await;
    let name = address.to_string();
    let share = |arguments: &[&str]| {
        let grant = done(job(&site, "share", &[&[name.as_str()], arguments].concat()));
        assert!(grant.starts_with("nosanagrant1"), "{grant}");
        grant.trim().to_owned()
    };

    // Without a grant, only the wallets of the job are let in.
    let wallet = site.world.create_wallet(1_000_000_000, 0).await.unwrap();
    let mut foreign = site.nosana_on("visitor", &wallet, &["job", "logs"]);
    foreign.args([&name, "--follow"]);
    assert!(refused(foreign).contains("neither client nor payer of the job"));
    let mut foreign = site.nosana_on("visitor", &wallet, &["job", "share"]);
    foreign.arg(&name);
    assert!(refused(foreign).contains("is not the job's client, who alone can share it"));

    // The log alone, without a wallet.
    let logs = share(&["--logs"]);
    let reader = site.start_node(visit(&site, "logs", &[&name, "--follow", "--ticket", &logs]));
    reader.says("at ").await;
    let no_port = refused(visit(&site, "connect", &[&name, "--ticket", &logs]));
    assert!(no_port.contains("exposes no port that you may use"), "{no_port}");

    // A port alone.
    let ports = share(&["--port", "8080", "--for", "2h"]);
    let no_log = refused(visit(&site, "logs", &[&name, "--follow", "--ticket", &ports]));
    assert!(no_log.contains("the grant does not allow the logs"), "{no_log}");
    let port = free_port();
    let choice = format!("{port}:8080");
    let arguments = [&name, "--port", &choice, "--wait", "--ticket", &ports];
    let line = site.start_node(visit(&site, "connect", &arguments));
    line.says("leads to port 8080").await;
    assert!(get(port, "/").unwrap().starts_with("HTTP/1.0 200"));

    // Grants that are expired, for another job, or for another endpoint.
    let short = share(&["--for", "1s"]);
    std::thread::sleep(Duration::from_secs(2));
    let expired = refused(visit(&site, "connect", &[&name, "--ticket", &short]));
    assert!(expired.contains("the credential expired"), "{expired}");
    let other_job = Address::new_from_array([9; 32]).to_string();
    let wrong = refused(visit(&site, "logs", &[&other_job, "--follow", "--ticket", &ports]));
    assert!(wrong.contains("cannot find a job") || wrong.contains("the grant is for"), "{wrong}");

    let identity = site.machine("visitor").join("identity");
    let identity = identity.to_str().unwrap();
    let named = site.start_node(visit(
        &site,
        "logs",
        &[&name, "--follow", "--ticket", &logs, "--identity", identity],
    ));
    let said = named.says("this command's endpoint is ").await;
    let endpoint = said.rsplit(' ').next().unwrap();
    let bound = share(&["--logs", "--endpoint", endpoint]);
    let elsewhere = refused(visit(&site, "logs", &[&name, "--follow", "--ticket", &bound]));
    assert!(elsewhere.contains("the grant is for another endpoint"), "{elsewhere}");
    let arguments = [&name, "--follow", "--ticket", &bound, "--identity", identity];
    let reader = site.start_node(visit(&site, "logs", &arguments));
    reader.says("at ").await;

    done(job(&site, "stop", &[&name]));
    node.leaves().await;
    site.world.stop().await.unwrap();
}

/// The command in a terminal, which the program `script` of util-linux makes.
fn in_terminal(command: &Command) -> Command {
    let quote = |word: &OsStr| format!("'{}'", word.to_str().unwrap().replace('\'', "'\\''"));
    let words = [command.get_program()].into_iter().chain(command.get_args()).map(quote);
    let line = words.collect::<Vec<_>>().join(" ");

    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]).stdin(Stdio::null());
    let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    script.envs(set);
    script
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_waited_for_prints_its_log_once_and_live_in_a_terminal() {
    let site = Site::start(60, 0).await;
    let mut node = start_node(&site).await;

    let line = "echo first; sleep 4; printf 'half a line'";
    let run = job(&site, "run", &["--yes", "--wait", "--", line]);
    let mut run = site.start_node(in_terminal(&run));
    run.says("first").await;
    let seen = Instant::now();
    assert!(run.ended().await.success(), "{}", run.log());
    assert!(seen.elapsed() > Duration::from_secs(2), "it is printed while the job runs");
    let log = run.log().replace('\r', "");
    assert_eq!(log.matches("first\n").count(), 1, "{log}");
    assert_eq!(log.matches("half a line").count(), 1, "{log}");
    assert!(log.contains("run / run: exit code 0"), "{log}");

    // A program that reads the output gets what the command printed, and nothing else.
    let line = "echo one; printf two";
    let printed = done(job(&site, "run", &["--yes", "--wait", "--", line]));
    assert_eq!(printed.split_once('\n').unwrap().1, "one\ntwo", "after the job's address");
    let json = done(job(&site, "run", &["--yes", "--wait", "--json", "--", "echo one"]));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["outputs"]["run"]["steps"][0]["log_text"], "one\n");

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

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_node_is_followed_from_the_new_beginning() {
    let site = Site::start(60, 0).await;
    let mut node = start_node(&site).await;
    let line = "echo began; while :; do sleep 1; done";
    let address =
        list(&site, "run", &["--service", "--timeout", "900", "--expose", "8080", "--", line])
            .await;
    let name = address.to_string();
    let follower = site.start_node(job(&site, "logs", &[&name, "--follow"]));
    follower.says("began").await;

    node.signal("-KILL");
    node.killed().await;
    let mut node = site.start_node(site.nosana_on("node", &site.world.node, &["node", "run"]));
    follower.says_more("began", 1).await;
    follower.says("the job runs again, from the beginning").await;

    done(job(&site, "stop", &[&name]));
    node.leaves().await;
    site.world.stop().await.unwrap();
}
