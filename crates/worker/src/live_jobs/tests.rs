//! Jobs in the real sandbox, followed and used over real connections.

mod continuous;
mod reasons;

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use nosana_engine::{Device, DeviceChoice, ModelStore};
use nosana_job_spec::{
    CommandArgs, ExposedPort, HealthCheck, HttpMethod, JobDefinition, JobResult, Operation, Step,
    StepCommand,
};
use nosana_net::{
    SystemClock,
    access::{Grant, JobParties, PortRights, Rights},
    forward::PortListener,
    job::{
        CredentialSource, JobBounds, JobError, JobLink, JobService, PortStatus, RefusalReason,
        RetryPolicy, WalletCredentials,
    },
    logs::{LogFollower, LogPart},
    transport::{EndpointConfig, Listener, ListenerBounds, NetEndpoint},
};
use nosana_sandbox::{CancelToken, SandboxConfig};
use nosana_store::Store;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::{JoinHandle, spawn_blocking},
    time::{sleep, timeout},
};

use super::{LiveJobs, LiveRun};
use crate::Executor;

const JOB: Address = Address::new_from_array([3; 32]);
const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// Longest time of a step on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// An HTTP server that is not ready at first, and answers each request with its path.
const SERVER: &str = "
import http.server, time
class Handler(http.server.BaseHTTPRequestHandler):
    begun = time.time()
    def do_GET(self):
        is_early = self.path == '/health' and time.time() - self.begun < 3
        self.send_response(503 if is_early else 200)
        body = ('path ' + self.path).encode()
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
print('serving', flush=True)
http.server.ThreadingHTTPServer(('0.0.0.0', 8080), Handler).serve_forever()
";

/// Ends the run of a test that fails: the runtime waits for the thread that runs it.
struct StopOnDrop(CancelToken);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.request_stop();
    }
}

/// A node with one job.
struct LiveNode {
    endpoint: NetEndpoint,
    client: Arc<Keypair>,
    jobs: LiveJobs,
    executor: Arc<Executor>,
    store: Store,
    _listener: Listener,
    _folder: TempDir,
}

impl LiveNode {
    async fn start() -> Self {
        let endpoint = NetEndpoint::bind(EndpointConfig::loopback()).await.unwrap();
        let jobs = LiveJobs::default();
        let service =
            JobService::new(jobs.clone(), SystemClock, endpoint.id(), JobBounds::default());
        let listener =
            Listener::spawn(&endpoint, vec![Arc::new(service)], ListenerBounds::default());

        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let models = ModelStore::in_user_cache().unwrap();
        let gpus = Device::open_chosen(&DeviceChoice::Numbers(vec![0])).unwrap();
        let executor = Executor::with_sandbox(gpus, models, SandboxConfig::default()).unwrap();
        Self {
            endpoint,
            client: Arc::new(Keypair::new()),
            jobs,
            executor: Arc::new(executor),
            store,
            _listener: listener,
            _folder: folder,
        }
    }

    /// Runs the operation as the job, as the node does.
    fn run(&self, args: CommandArgs, cancel: &CancelToken) -> JoinHandle<JobResult> {
        let operation = Operation::CommandRun { id: "ci".to_owned(), args };
        let definition = JobDefinition::new(vec![operation]);
        definition.validate().unwrap();
        let parties = JobParties { client: self.client.pubkey(), payer: Address::default() };
        let registered = self.jobs.register_run(JOB, parties, LiveRun::service(&definition));

        let (executor, store, cancel) =
            (Arc::clone(&self.executor), self.store.clone(), cancel.clone());
        spawn_blocking(move || {
            let id = store.put_json(&definition).unwrap();
            let run = &registered.run;
            executor.execute_definition(&definition, id, &store, &cancel, run).unwrap()
        })
    }

    async fn link(&self, credentials: Arc<dyn CredentialSource>) -> Arc<JobLink> {
        let endpoint = NetEndpoint::bind(EndpointConfig::loopback()).await.unwrap();
        let address = self.endpoint.address().unwrap();
        Arc::new(JobLink::new(endpoint, address, credentials, RetryPolicy::default()))
    }

    async fn client_link(&self) -> Arc<JobLink> {
        let wallet = Arc::clone(&self.client);
        self.link(Arc::new(WalletCredentials::new(wallet, JOB, SystemClock))).await
    }
}

fn step(name: &str, line: &str) -> Step {
    let run = StepCommand::Line(line.to_owned());
    Step { name: name.to_owned(), run, shell: None, timeout_seconds: None }
}

async fn read_until(follower: &mut LogFollower, mark: &str) -> String {
    let mut text = String::new();
    while !text.contains(mark) {
        match timeout(PATIENCE, follower.next_part()).await.unwrap().unwrap() {
            LogPart::Bytes(bytes) => text.push_str(&String::from_utf8(bytes).unwrap()),
            other => panic!("{other:?} after {text}"),
        }
    }
    text
}

async fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.0\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_followed_while_it_is_printed_and_until_it_ends() {
    let node = LiveNode::start().await;
    let line = "sleep 2; date +%s%N; sleep 3; echo late";
    let args = CommandArgs {
        steps: vec![step("first", line), step("second", "echo more; exit 3")],
        ..CommandArgs::default()
    };
    let running = node.run(args, &CancelToken::default());

    let mut follower = LogFollower::new(node.client_link().await, 0);
    let announced = read_until(&mut follower, "\n").await;
    assert_eq!(announced, "[node] ci / first\n");
    let printed = read_until(&mut follower, "\n").await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let delay = now.as_nanos().abs_diff(printed.trim().parse::<u128>().unwrap());
    assert!(delay < 1_000_000_000, "the line came after {delay} ns");
    assert!(!running.is_finished());

    // The rest, and the end. A reader that comes after the end gets everything.
    let rest = read_until(&mut follower, "code 3\n").await;
    let expected = "late\n[node] ci / first ended: exit code 0\n[node] ci / second\nmore\n\
                    [node] ci / second ended: exit code 3\n";
    assert_eq!(rest, expected);
    running.await.unwrap();
    let end = timeout(PATIENCE, follower.next_part()).await.unwrap().unwrap();
    assert_eq!(end, LogPart::End);
    let mut later = LogFollower::new(node.client_link().await, 0);
    assert!(read_until(&mut later, "code 3\n").await.starts_with(&announced));
    let end = timeout(PATIENCE, later.next_part()).await.unwrap().unwrap();
    assert_eq!(end, LogPart::End);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_of_a_command_is_checked_reached_and_closed_with_its_job() {
    let node = LiveNode::start().await;
    let check = HealthCheck::Http {
        path: "/health".to_owned(),
        method: HttpMethod::Get,
        headers: BTreeMap::new(),
        body: None,
        expected_status: 200,
        continuous: false,
    };
    let port = ExposedPort {
        name: Some("web".to_owned()),
        health_checks: vec![check],
        ..ExposedPort::new(8080)
    };
    let serve = Step {
        run: StepCommand::Arguments(["python3", "-c", SERVER].map(str::to_owned).to_vec()),
        ..step("serve", "")
    };
    let args = CommandArgs {
        steps: vec![serve],
        expose: vec![port, ExposedPort { public: true, ..ExposedPort::new(9000) }],
        ..CommandArgs::default()
    };
    let cancel = CancelToken::default();
    let _stop = StopOnDrop(cancel.clone());
    let running = node.run(args, &cancel);
    let link = node.client_link().await;

    let mut follower = LogFollower::new(Arc::clone(&link), 0);
    read_until(&mut follower, "serving\n").await;
    let serving = Instant::now();
    let status = |port, is_ready, name: &str| PortStatus {
        port,
        is_ready,
        is_public: port == 9000,
        name: name.to_owned(),
    };
    let expected = [status(8080, false, "web"), status(9000, false, "")];
    assert_eq!(link.list_ports().await.unwrap(), expected);
    read_until(&mut follower, "[node] port 8080 is ready\n").await;
    assert!(serving.elapsed() > Duration::from_secs(1), "its first answers are 503");
    assert!(link.list_ports().await.unwrap()[0].is_ready);

    let mut listener = PortListener::bind(Arc::clone(&link), ANY_PORT, 8080).await.unwrap();
    let answer = get(listener.local_addr(), "/a?b=c").await.unwrap();
    assert!(answer.starts_with("HTTP/1.0 200") && answer.ends_with("path /a?b=c"), "{answer}");
    assert!(TcpStream::connect(("127.0.0.1", 8080)).await.is_err(), "nobody else reaches it");

    // Nothing listens on 9000, and 80 is not exposed.
    for port in [9000, 80] {
        let other = PortListener::bind(Arc::clone(&link), ANY_PORT, port).await.unwrap();
        assert!(get(other.local_addr(), "/").await.is_err(), "{port}");
    }

    cancel.request_stop();
    running.await.unwrap();
    assert!(get(listener.local_addr(), "/").await.is_err());
    let reason = timeout(PATIENCE, listener.wait_for_end()).await.unwrap();
    assert_eq!(reason, RefusalReason::Ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_parties_and_whom_the_client_lets_in_reach_a_job() {
    let node = LiveNode::start().await;
    let args = CommandArgs {
        steps: vec![step("wait", "echo up; sleep 60")],
        expose: vec![ExposedPort::new(8080)],
        ..CommandArgs::default()
    };
    let cancel = CancelToken::default();
    let _stop = StopOnDrop(cancel.clone());
    let running = node.run(args, &cancel);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let sign = |issuer: &Keypair, job, rights, seconds: i64, endpoint| {
        let expiry = now.as_secs().checked_add_signed(seconds).unwrap();
        Arc::new(Grant::sign(issuer, job, rights, expiry, endpoint).unwrap())
    };
    let logs = || Rights::new(true, PortRights::Only(vec![])).unwrap();
    let other_job = Address::new_from_array([4; 32]);
    let elsewhere = node.endpoint.id();
    let stranger = Keypair::new();

    for (grant, reason, words) in [
        (sign(&node.client, JOB, logs(), -1, None), RefusalReason::Credential, "expired"),
        (
            sign(&node.client, JOB, logs(), 60, Some(elsewhere)),
            RefusalReason::Credential,
            "another endpoint",
        ),
        (sign(&node.client, other_job, logs(), 60, None), RefusalReason::NotRunning, ""),
        (sign(&stranger, JOB, logs(), 60, None), RefusalReason::Credential, "not the job's client"),
        (
            sign(&node.client, JOB, Rights::new(false, PortRights::All).unwrap(), 60, None),
            RefusalReason::Rights,
            "logs",
        ),
    ] {
        let mut follower = LogFollower::new(node.link(grant).await, 0);
        match timeout(PATIENCE, follower.next_part()).await.unwrap() {
            Err(JobError::Refused { reason: found, detail }) => {
                assert_eq!(found, reason);
                assert!(detail.contains(words), "{detail}");
            }
            other => panic!("{other:?}"),
        }
    }

    let link = node.link(sign(&node.client, JOB, logs(), 60, None)).await;
    read_until(&mut LogFollower::new(Arc::clone(&link), 0), "up\n").await;
    assert_eq!(link.list_ports().await.unwrap(), [], "the logs only");
    cancel.cancel();
    sleep(Duration::from_millis(1)).await;
    assert!(running.await.is_err(), "it was cancelled");
}
