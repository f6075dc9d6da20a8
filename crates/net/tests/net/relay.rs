//! Endpoints that reach each other over a relay only: the program that others host, which listens
//! on 127.0.0.1.

use std::future::Future;
use std::net::{Ipv4Addr, TcpListener};
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs};

use iroh::endpoint::Connection;
use nosana_net::directory::{endpoint_field, read_endpoint};
use nosana_net::logs::{LogBounds, LogBuffer, LogFollower, LogPart};
use nosana_net::transport::{
    AddressError, ConnectionHandler, EndpointConfig, Listener, ListenerBounds, LocalSockets,
    NetEndpoint, NetError, Reach, RelayChoice,
};
use nosana_net::{
    SystemClock,
    job::{JOB_ALPN, JobLink, RetryPolicy, WalletCredentials},
};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::fixture::{JOB, JobNode};

/// Names the program of the relay, unless it is on `PATH`.
const PROGRAM: &str = "IROH_RELAY";
/// The longest time until a relay listens.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A relay. Its process ends with this.
struct Relay {
    process: Child,
    url: String,
    _folder: TempDir,
}

impl Relay {
    async fn start() -> Self {
        // Free again when the relay binds it.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let folder = tempfile::tempdir().unwrap();
        let options = folder.path().join("relay.toml");
        let text = format!("http_bind_addr = \"{address}\"\nenable_metrics = false\n");
        fs::write(&options, text).unwrap();

        let program = env::var_os(PROGRAM).unwrap_or_else(|| "iroh-relay".into());
        let mut command = Command::new(&program);
        command.arg("--config-path").arg(&options).env("RUST_LOG", "warn").stdin(Stdio::null());
        let process = command.spawn().unwrap_or_else(|error| {
            panic!(
                "cannot start the relay {program:?}: {error}; install iroh-relay as \
                 tests/README.md says, and put it on PATH, or set {PROGRAM} to its path"
            )
        });

        let mut relay = Self { process, url: format!("http://{address}"), _folder: folder };
        let begun = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            assert_eq!(relay.process.try_wait().unwrap(), None, "the relay has ended");
            assert!(begun.elapsed() < START_TIMEOUT, "the relay does not listen");
            sleep(Duration::from_millis(20)).await;
        }
        relay
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const SILENT_ALPN: &[u8] = b"nosana/silent/1";

/// Keeps its connections open.
struct Silent;

impl ConnectionHandler for Silent {
    fn alpn(&self) -> &'static [u8] {
        SILENT_ALPN
    }

    fn handle(self: Arc<Self>, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move { drop(connection.closed().await) })
    }
}

async fn relayed_endpoint(relay: &Relay) -> NetEndpoint {
    bind_relayed(relay, Reach::Anywhere).await
}

async fn bind_relayed(relay: &Relay, reach: Reach) -> NetEndpoint {
    let relays = RelayChoice::from_texts([&*relay.url]).unwrap().unwrap();
    let sockets = LocalSockets::RelayOnly;
    let config = EndpointConfig { relays, sockets, reach, ..EndpointConfig::loopback() };
    NetEndpoint::bind(config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the program iroh-relay: `cargo xtask test --only relay` installs it, if it may"]
async fn a_job_is_reached_over_a_relay_alone() {
    let relay = Relay::start().await;
    let (node, client) = (relayed_endpoint(&relay).await, relayed_endpoint(&relay).await);
    node.wait_for_relay(Duration::from_secs(10)).await.unwrap();

    let address = node.wait_for_change(None, Duration::from_millis(200)).await.unwrap();
    assert_eq!(address.relay().unwrap().as_str(), format!("{}/", relay.url));
    assert!(address.sockets().is_empty());
    let field = endpoint_field(Some(&address));
    assert!(field.relay.starts_with(relay.url.as_bytes()), "the account names it");
    assert_eq!(read_endpoint(&field).unwrap().as_ref(), Some(&address));

    let log = LogBuffer::new(LogBounds::default());
    log.append(b"over the relay");
    log.complete();
    let node = JobNode::start_on(node, log);

    let credentials = WalletCredentials::new(node.client.clone(), JOB, SystemClock);
    let link = JobLink::new(client, address, Arc::new(credentials), RetryPolicy::default());
    let mut follower = LogFollower::new(Arc::new(link), 0);
    assert_eq!(follower.next_part().await.unwrap(), LogPart::Bytes(b"over the relay".to_vec()));
    assert_eq!(follower.next_part().await.unwrap(), LogPart::End);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the program iroh-relay: `cargo xtask test --only relay` installs it, if it may"]
async fn connections_over_relays_have_a_bound_that_leaves_room_for_preferred_peers() {
    let relay = Relay::start().await;
    let node = relayed_endpoint(&relay).await;
    node.wait_for_relay(Duration::from_secs(10)).await.unwrap();
    let address = node.address().unwrap();
    let bounds = ListenerBounds { relayed_connections: 1, ..ListenerBounds::default() };
    let _listener = Listener::spawn(&node, vec![Arc::new(Silent)], bounds);

    let [stranger, panelist] = [relayed_endpoint(&relay).await, relayed_endpoint(&relay).await];
    let kept = stranger.connect(&address, SILENT_ALPN).await.unwrap();
    assert!(!is_closed(&kept).await);
    let refused = panelist.connect(&address, SILENT_ALPN).await.unwrap();
    assert!(is_closed(&refused).await);

    node.preferred().set_peers([panelist.id()]);
    let served = panelist.connect(&address, SILENT_ALPN).await.unwrap();
    assert!(!is_closed(&served).await && !is_closed(&kept).await);

    // Without any free place, the relay says which peer it is.
    let full = relayed_endpoint(&relay).await;
    full.wait_for_relay(Duration::from_secs(10)).await.unwrap();
    let address = full.address().unwrap();
    let bounds = ListenerBounds { connections: 0, ..ListenerBounds::default() };
    let _listener = Listener::spawn(&full, vec![Arc::new(Silent)], bounds);
    full.preferred().set_peers([panelist.id()]);
    assert!(stranger.connect(&address, SILENT_ALPN).await.is_err());
    let served = panelist.connect(&address, SILENT_ALPN).await.unwrap();
    assert!(!is_closed(&served).await);
}

/// Whether the other side closes this connection.
async fn is_closed(connection: &Connection) -> bool {
    tokio::time::timeout(Duration::from_secs(1), connection.closed()).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the program iroh-relay: `cargo xtask test --only relay` installs it, if it may"]
async fn a_client_without_relays_does_not_dial_that_of_a_node() {
    let relay = Relay::start().await;
    let node = relayed_endpoint(&relay).await;
    node.wait_for_relay(Duration::from_secs(10)).await.unwrap();
    let address = node.address().unwrap();

    // At once: it is not a question of time whether the node answers.
    let client = NetEndpoint::bind(EndpointConfig::loopback()).await.unwrap();
    let dialing = client.connect(&address, JOB_ALPN);
    let dialed = tokio::time::timeout(Duration::from_secs(5), dialing).await.unwrap();
    let error = dialed.unwrap_err();
    assert!(matches!(error, NetError::Address(AddressError::RelayAlone(_))), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the program iroh-relay: `cargo xtask test --only relay` installs it, if it may"]
async fn an_address_is_announced_when_it_has_settled() {
    let relay = Relay::start().await;
    let node = relayed_endpoint(&relay).await;
    let before = node.address().unwrap();
    node.wait_for_relay(Duration::from_secs(10)).await.unwrap();

    let settle = Duration::from_millis(300);
    let address = node.wait_for_change(Some(&before), settle).await.unwrap();
    assert!(address.relay().is_some());
    assert_ne!(address, before);

    // Nothing changes any more.
    let waiting = node.wait_for_change(Some(&address), settle);
    assert!(tokio::time::timeout(Duration::from_secs(2), waiting).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the program iroh-relay: `cargo xtask test --only relay` installs it, if it may"]
async fn on_the_internet_a_relay_without_https_is_dialed_if_the_user_has_named_it() {
    let (relay, other) = (Relay::start().await, Relay::start().await);
    let node = relayed_endpoint(&relay).await;
    node.wait_for_relay(Duration::from_secs(10)).await.unwrap();
    let address = node.address().unwrap();
    let _node = JobNode::start_on(node, LogBuffer::new(LogBounds::default()));

    let client = bind_relayed(&relay, Reach::Internet).await;
    client.connect(&address, JOB_ALPN).await.unwrap();

    // A node cannot choose for a client.
    let client = bind_relayed(&other, Reach::Internet).await;
    let error = client.connect(&address, JOB_ALPN).await.unwrap_err();
    assert!(matches!(error, NetError::Address(AddressError::Socket { .. })), "{error}");
}
