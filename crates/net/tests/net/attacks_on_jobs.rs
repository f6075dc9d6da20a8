//! Attacks on a node's jobs over real connections.

use std::sync::Arc;
use std::time::Duration;

use nosana_net::access::{
    AccessError, AccessRequest, Credential, Grant, Peers, PortRights, Rights,
};
use nosana_net::job::{
    CredentialSource, JOB_ALPN, JobBounds, JobError, LinkStatus, RefusalReason, WalletCredentials,
};
use nosana_net::logs::{LogBounds, LogBuffer, LogFollower, LogPart};
use nosana_net::{SystemClock, forward::PortListener};
use solana_address::Address;
use solana_keypair::Keypair;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::fixture::{ADMISSION_TIMEOUT, JOB, JobNode, loopback_endpoint, now};

/// A credential that was made for something else.
struct Fixed(Credential);

impl CredentialSource for Fixed {
    fn credential_for(&self, _: &Peers) -> Result<Credential, AccessError> {
        Ok(self.0.clone())
    }
}

async fn start_node() -> JobNode {
    let log = LogBuffer::new(LogBounds::default());
    log.append(b"secret");
    JobNode::start(log).await
}

async fn read_log(node: &JobNode, source: Arc<dyn CredentialSource>) -> Result<LogPart, JobError> {
    LogFollower::new(node.link_as(source).await, 0).next_part().await
}

fn assert_refused(result: Result<LogPart, JobError>, expected: RefusalReason, words: &str) {
    match result {
        Err(JobError::Refused { reason, detail }) => {
            assert_eq!(reason, expected);
            assert!(detail.contains(words), "{detail}");
        }
        other => panic!("{other:?} is not refused"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_cannot_be_replayed_from_another_endpoint() {
    let node = start_node().await;
    let victim = loopback_endpoint().await;
    let peers = Peers { node: node.endpoint.id(), client: victim.id() };
    let request = AccessRequest::sign(&*node.client, JOB, &peers, now() + 60).unwrap();

    // Each line of the fixture has an endpoint of its own.
    let read = read_log(&node, Arc::new(Fixed(Credential::Request(request)))).await;
    assert_refused(read, RefusalReason::Credential, "signature");
    let read =
        read_log(&node, Arc::new(WalletCredentials::new(node.client.clone(), JOB, SystemClock)));
    assert_eq!(read.await.unwrap(), LogPart::Bytes(b"secret".to_vec()));
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_other_jobs_are_refused() {
    let node = start_node().await;
    let stranger = Arc::new(Keypair::new());
    let read = read_log(&node, Arc::new(WalletCredentials::new(stranger, JOB, SystemClock))).await;
    assert_refused(read, RefusalReason::Credential, "neither client nor payer");

    let other = Address::new_from_array([4; 32]);
    let source = WalletCredentials::new(node.client.clone(), other, SystemClock);
    assert_refused(read_log(&node, Arc::new(source)).await, RefusalReason::NotRunning, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_allows_what_it_says() {
    let node = start_node().await;
    let ports = Rights::new(false, PortRights::Only(vec![80])).unwrap();
    let grant = node.grant(ports, 60);
    let read = read_log(&node, Arc::new(grant.clone())).await;
    assert_refused(read, RefusalReason::Rights, "the logs");

    let widened = Grant { rights: Rights::all(), ..grant };
    let read = read_log(&node, Arc::new(widened)).await;
    assert_refused(read, RefusalReason::Credential, "signature");

    let elsewhere = loopback_endpoint().await.id();
    let bound =
        Grant::sign(&*node.client, JOB, Rights::all(), now() + 60, Some(elsewhere)).unwrap();
    let read = read_log(&node, Arc::new(bound)).await;
    assert_refused(read, RefusalReason::Credential, "another endpoint");

    let expired = Grant::sign(&*node.client, JOB, Rights::all(), now() - 1, None).unwrap();
    let read = read_log(&node, Arc::new(expired)).await;
    assert_refused(read, RefusalReason::Credential, "expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn ports_that_are_not_exposed_or_granted_are_refused() {
    let node = start_node().await;
    let rights = Rights::new(false, PortRights::Only(vec![80])).unwrap();
    let link = node.link_as(Arc::new(node.grant(rights, 60))).await;

    // 22 is not granted; 80 is granted and not exposed.
    for port in [22, 80] {
        let any = "127.0.0.1:0".parse().unwrap();
        let listener = PortListener::bind(Arc::clone(&link), any, port).await.unwrap();
        // The reset may arrive while the connection is being made.
        let used = async {
            let mut tcp = TcpStream::connect(listener.local_addr()).await?;
            tcp.read(&mut [0]).await
        };
        let used = timeout(Duration::from_secs(5), used).await.unwrap();
        assert!(used.is_err(), "{port}: {used:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_or_endless_opening_is_refused() {
    let node = start_node().await;
    let address = node.endpoint.address().unwrap();
    let client = loopback_endpoint().await;
    let connection = client.connect(&address, JOB_ALPN).await.unwrap();

    // A type that does not exist: the node says so.
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    send.write_all(&[1, 0, 0, 0, 99]).await.unwrap();
    let answer = timeout(Duration::from_secs(5), recv.read_to_end(400)).await.unwrap().unwrap();
    assert_eq!(answer[4], 8, "{answer:?}");

    // A message that is announced as huge is not awaited.
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    send.write_all(&u32::MAX.to_le_bytes()).await.unwrap();
    let answer = timeout(Duration::from_secs(5), recv.read_to_end(400)).await.unwrap();
    assert!(answer.is_err() || answer.unwrap().is_empty());
    assert!(connection.close_reason().is_none(), "other streams go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_may_do_nothing_is_disconnected() {
    let node = start_node().await;
    let address = node.endpoint.address().unwrap();
    let client = loopback_endpoint().await;
    let connection = client.connect(&address, JOB_ALPN).await.unwrap();
    let closed = connection.closed();

    // Openings that are refused do not keep it.
    let knocking = async {
        loop {
            let Ok((mut send, _recv)) = connection.open_bi().await else { return };
            let _ = send.write_all(&[1, 0, 0, 0, 99]).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let both = async { tokio::join!(closed, knocking) };
    timeout(ADMISSION_TIMEOUT * 2, both).await.expect("closed");

    // A reader of the log goes on after nothing was written for longer.
    let source = WalletCredentials::new(node.client.clone(), JOB, SystemClock);
    let mut follower = LogFollower::new(node.link_as(Arc::new(source)).await, 0);
    assert_eq!(follower.next_part().await.unwrap(), LogPart::Bytes(b"secret".to_vec()));
    let waiting = timeout(ADMISSION_TIMEOUT + Duration::from_secs(1), follower.next_part());
    assert!(waiting.await.is_err());
    node.host.log.append(b" more");
    assert_eq!(follower.next_part().await.unwrap(), LogPart::Bytes(b" more".to_vec()));
}

async fn start_bounded(bounds: JobBounds) -> JobNode {
    let log = LogBuffer::new(LogBounds::default());
    JobNode::start_bounded(loopback_endpoint().await, log, bounds)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_job_has_a_bounded_number_of_connections() {
    let node = start_bounded(JobBounds { connections_per_job: 2, ..JobBounds::default() }).await;
    let leaving = loopback_endpoint().await;
    let source = WalletCredentials::new(node.client.clone(), JOB, SystemClock);
    let first = node.link_from(leaving.clone(), Arc::new(source));
    let second = node.link().await;
    first.list_ports().await.unwrap();
    second.list_ports().await.unwrap();

    let third = node.link().await;
    let mut status = third.watch_status();
    let listing = tokio::spawn(async move { third.list_ports().await });
    let refused = status.wait_for(|status| matches!(status, LinkStatus::Reconnecting(_)));
    let refused = timeout(Duration::from_secs(5), refused).await.expect("refused").unwrap().clone();
    assert!(format!("{refused:?}").contains("too many connections"), "{refused:?}");

    // Those that are in go on, and one that leaves makes room.
    second.list_ports().await.unwrap();
    leaving.close().await;
    timeout(Duration::from_secs(10), listing).await.expect("let in").unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_not_used_any_more_is_closed() {
    let bounds = JobBounds {
        connections_per_job: 1,
        idle_timeout: Duration::from_secs(1),
        ..JobBounds::default()
    };
    let node = start_bounded(bounds).await;
    let (first, second) = (node.link().await, node.link().await);

    first.list_ports().await.unwrap();
    timeout(Duration::from_secs(5), second.list_ports()).await.expect("let in").unwrap();
    timeout(Duration::from_secs(5), first.list_ports()).await.expect("dials again").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_job_has_a_bounded_number_of_streams() {
    let node = start_bounded(JobBounds { streams_per_job: 2, ..JobBounds::default() }).await;
    let any = "127.0.0.1:0";
    let server = TcpListener::bind(any).await.unwrap();
    node.expose(80, server.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = server.accept().await {
            tokio::spawn(async move {
                let _ = tcp.write_all(b"x").await;
                let _ = tcp.read(&mut [0]).await;
            });
        }
    });
    let listener = PortListener::bind(node.link().await, any.parse().unwrap(), 80).await.unwrap();
    let dial = || async {
        let mut tcp = TcpStream::connect(listener.local_addr()).await.unwrap();
        tcp.read_exact(&mut [0]).await.map(|_| tcp)
    };

    let (first, _second) = (dial().await.unwrap(), dial().await.unwrap());
    let third = dial();
    tokio::pin!(third);
    assert!(timeout(Duration::from_secs(1), &mut third).await.is_err(), "it waits for room");
    drop(first);
    timeout(Duration::from_secs(8), third).await.expect("there is room").unwrap();
}
