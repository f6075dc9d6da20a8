//! Logs and ports of running jobs: real processes, a client and a node that share no folder.
//!
//! | module | purpose |
//! | --- | --- |
//! | `ports` | what is behind a connected port, and what is said of it |
//! | `many_streams` | many connections at once |
//! | `grants` | who else is let in |

mod grants;
mod many_streams;
mod ports;
#[path = "../site/mod.rs"]
mod site;
#[path = "../streams/mod.rs"]
mod streams;

use std::{
    ffi::OsStr,
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use nosana_protocol::job::State;
use serde_json::Value;
use site::{NodeProcess, Site};
use solana_address::Address;

const ANNOUNCED: &str = "announced where this node is reached";

/// Longest pause of an answer on a busy machine.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(240);

/// Prints the time every half second, beside a server of files.
const SERVE: &str = "python3 -m http.server 8080 > /dev/null 2>&1 & \
                     while :; do echo \"at $(date +%s%N)\"; sleep 0.5; done";

fn job(site: &Site, subcommand: &str, arguments: &[&str]) -> Command {
    let mut command = site.nosana_on("client", &site.world.client, &["job", subcommand]);
    command.args(arguments);
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

/// Sends a request, and returns everything that comes back.
fn exchange(port: u16, request: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    stream.write_all(request.as_bytes())?;

    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
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
