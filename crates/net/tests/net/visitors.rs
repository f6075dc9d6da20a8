//! Visitors of public ports, who have no wallet.

use std::sync::Arc;
use std::time::Duration;

use nosana_net::access::{AccessError, Credential, Peers};
use nosana_net::forward::PortStream;
use nosana_net::job::{
    CredentialSource, JOB_ALPN, JobBounds, JobError, RefusalReason, VisitorBounds, VisitorLine,
};
use nosana_net::logs::{LogBounds, LogBuffer, LogFollower};
use nosana_net::transport::{EndpointConfig, NetEndpoint};
use solana_address::Address;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::fixture::{ADMISSION_TIMEOUT, JOB, JobNode, VISITOR_BOUNDS, loopback_endpoint};

const PATIENCE: Duration = Duration::from_secs(10);

struct VisitorCredentials;

impl CredentialSource for VisitorCredentials {
    fn credential_for(&self, _: &Peers) -> Result<Credential, AccessError> {
        Ok(Credential::Visit(JOB))
    }
}

/// A node whose job has a server of echoes at the public port 9000, and at 8080, which is not.
async fn start_node() -> JobNode {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = tcp.split();
                if tokio::io::copy(&mut read, &mut write).await.is_ok() {
                    let _ = write.shutdown().await;
                }
            });
        }
    });

    let node = JobNode::start(new_log()).await;
    [9000, 8080].iter().for_each(|port| node.expose(*port, address));
    node
}

fn new_log() -> LogBuffer {
    let log = LogBuffer::new(LogBounds::default());
    log.append(b"secret");
    log
}

fn refusal(result: Result<PortStream, JobError>) -> RefusalReason {
    match result {
        Err(JobError::Refused { reason, .. }) => reason,
        other => panic!("{other:?} is not refused"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_uses_public_ports_and_nothing_else() {
    let node = start_node().await;
    let line = node.visitor_line().await;

    let mut stream = line.open_port(JOB, 9000).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert_eq!(answer, b"hello");

    // Whether a port is exposed is not said to visitors.
    for port in [8080, 22] {
        assert_eq!(refusal(line.open_port(JOB, port).await), RefusalReason::NotPublic, "{port}");
    }
    assert_eq!(refusal(line.open_port(JOB, 9001).await), RefusalReason::NotPublic, "not exposed");

    let link = node.link_as(Arc::new(VisitorCredentials)).await;
    let listed: Vec<u16> = link.list_ports().await.unwrap().iter().map(|it| it.port).collect();
    assert_eq!(listed, [9000]);
    match LogFollower::new(link, 0).next_part().await {
        Err(JobError::Refused { reason: RefusalReason::NotPublic, detail }) => {
            assert!(detail.contains("does not make the logs public"), "{detail}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_are_bounded_and_leave_the_parties_their_room() {
    let node = start_node().await;
    let mut open = Vec::new();
    // An endpoint that is dropped ends its connections without a word to the node.
    let mut lines = Vec::new();

    for _ in 0..2 {
        let line = node.visitor_line().await;
        for _ in 0..VISITOR_BOUNDS.streams_per_peer {
            open.push(line.open_port(JOB, 9000).await.unwrap());
        }
        assert_eq!(refusal(line.open_port(JOB, 9000).await), RefusalReason::Busy);
        lines.push(line);
    }
    let late = node.visitor_line().await;
    assert_eq!(refusal(late.open_port(JOB, 9000).await), RefusalReason::Busy);
    assert_eq!(node.link().await.list_ports().await.unwrap().len(), 2, "the client is let in");

    // A stream that broke makes room.
    open.clear();
    let again = async {
        while late.open_port(JOB, 9000).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, again).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_leaves_is_disconnected_and_one_who_stays_is_not() {
    let node = start_node().await;
    let line = node.visitor_line().await;
    let mut stream = line.open_port(JOB, 9000).await.unwrap();
    tokio::time::sleep(ADMISSION_TIMEOUT * 2).await;

    stream.write_all(b"x").await.unwrap();
    let mut byte = [0];
    timeout(PATIENCE, stream.read_exact(&mut byte)).await.unwrap().unwrap();
    assert_eq!(&byte, b"x");

    let address = node.endpoint.address().unwrap();
    let visitor = loopback_endpoint().await;
    let connection = visitor.connect(&address, JOB_ALPN).await.unwrap();
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    let mut opening = vec![34, 0, 0, 0, 3];
    opening.extend_from_slice(JOB.as_ref());
    opening.push(3);
    send.write_all(&opening).await.unwrap();
    send.finish().unwrap();
    let answer = timeout(PATIENCE, recv.read_to_end(400)).await.unwrap().unwrap();
    assert_eq!(answer[4], 0, "the list of public ports");
    timeout(ADMISSION_TIMEOUT * 2, connection.closed()).await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_jobs_and_ended_ones_have_no_public_ports() {
    let node = start_node().await;
    let line = node.visitor_line().await;
    let other = Address::new_from_array([4; 32]);
    assert_eq!(refusal(line.open_port(other, 9000).await), RefusalReason::NotRunning);

    *node.host.has_ended.lock().unwrap() = true;
    assert_eq!(refusal(line.open_port(JOB, 9000).await), RefusalReason::Ended);
}

/// A node whose job runs `serve` for each connection to the public port 9000.
async fn start_serving<F, Fut>(visitors: VisitorBounds, serve: F) -> JobNode
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(serve(tcp));
        }
    });

    let bounds =
        JobBounds { visitors, admission_timeout: ADMISSION_TIMEOUT, ..JobBounds::default() };
    let node = JobNode::start_bounded(loopback_endpoint().await, new_log(), bounds);
    node.expose(9000, address);
    node
}

/// Ends when the other side breaks or ends.
async fn wait_until_cut(stream: &mut PortStream) {
    let mut bytes = [0; 1_000];
    while let Ok(1..) = stream.read(&mut bytes).await {}
}

async fn hold(tcp: TcpStream) {
    let _tcp = tcp;
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_visitor_is_cut_off() {
    let bounds = VisitorBounds { idle_timeout: Duration::from_secs(2), ..VisitorBounds::default() };
    let node = start_serving(bounds, hold).await;
    let line = node.visitor_line().await;

    let mut silent = line.open_port(JOB, 9000).await.unwrap();
    timeout(PATIENCE, wait_until_cut(&mut silent)).await.expect("cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_does_not_outlast_the_service_it_uses() {
    let bounds = VisitorBounds {
        half_closed_timeout: Duration::from_secs(2),
        streams_per_peer: 1,
        ..VisitorBounds::default()
    };
    let node = start_serving(bounds, |tcp| async move { drop(tcp) }).await;
    let line = node.visitor_line().await;

    // The service has closed its connection, and the visitor keeps its own open.
    let mut left = line.open_port(JOB, 9000).await.unwrap();
    assert_eq!(timeout(PATIENCE, left.read(&mut [0])).await.unwrap().unwrap(), 0);
    let again = async {
        while line.open_port(JOB, 9000).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, again).await.expect("its place is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_does_not_outlast_the_job() {
    let node = start_serving(VisitorBounds::default(), hold).await;
    let line = node.visitor_line().await;
    let mut stream = line.open_port(JOB, 9000).await.unwrap();
    let early = timeout(Duration::from_secs(1), wait_until_cut(&mut stream)).await;
    assert!(early.is_err(), "the job still runs");

    *node.host.has_ended.lock().unwrap() = true;
    timeout(PATIENCE, wait_until_cut(&mut stream)).await.expect("ends with the job");
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_do_not_take_the_connections_of_others() {
    let in_all = VisitorBounds { connections: 2, ..VisitorBounds::default() };
    refuse_third_visitor(in_all).await;
    let of_address = VisitorBounds { connections_per_address: 2, ..VisitorBounds::default() };
    refuse_third_visitor(of_address).await;
}

async fn refuse_third_visitor(bounds: VisitorBounds) {
    let node = start_serving(bounds, hold).await;
    let (first, second) = (node.visitor_line().await, node.visitor_line().await);
    let streams =
        [first.open_port(JOB, 9000).await.unwrap(), second.open_port(JOB, 9000).await.unwrap()];

    let late = loopback_endpoint().await;
    let connection = late.connect(&node.endpoint.address().unwrap(), JOB_ALPN).await.unwrap();
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    let mut opening = vec![34, 0, 0, 0, 3];
    opening.extend_from_slice(JOB.as_ref());
    opening.push(3);
    send.write_all(&opening).await.unwrap();
    let answer = timeout(PATIENCE, recv.read_to_end(400)).await.unwrap().unwrap();
    assert_eq!(answer[4], 7, "busy: {answer:?}");
    timeout(PATIENCE, connection.closed()).await.expect("closed soon");
    assert_eq!(node.link().await.list_ports().await.unwrap().len(), 1, "the client is let in");

    // One that uses nothing makes room.
    drop(streams);
    let third = node.visitor_line().await;
    let again = async {
        while third.open_port(JOB, 9000).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, again).await.expect("there is room");
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_nobody_reads_do_not_stop_the_line() {
    let bounds =
        VisitorBounds { stall_time: Duration::from_millis(500), ..VisitorBounds::default() };
    let node = start_serving(bounds, |mut tcp| async move {
        let mut first = [0];
        tcp.read_exact(&mut first).await.unwrap();
        if first == *b"s" {
            hold(tcp).await;
        } else {
            let _ = tcp.write_all(&first).await;
        }
    })
    .await;
    let line = node.visitor_line().await;

    // More than fill the window of the connection.
    let mut stuck = Vec::new();
    for _ in 0..24 {
        let mut stream = line.open_port(JOB, 9000).await.unwrap();
        stream.write_all(b"s").await.unwrap();
        stuck.push(tokio::spawn(async move { stream.write_all(&vec![0; 20_000_000]).await }));
    }
    let count_cut = || stuck.iter().filter(|one| one.is_finished()).count();

    // Whatever is stuck, another request is answered.
    let answered = async {
        let mut stream = line.open_port(JOB, 9000).await.unwrap();
        stream.write_all(b"a").await.unwrap();
        let mut answer = [0];
        stream.read_exact(&mut answer).await.unwrap();
        answer
    };
    assert_eq!(&timeout(PATIENCE, answered).await.expect("the line goes on"), b"a");
    assert!(count_cut() <= 24 - 8, "a few may wait for their service");
    let cutting = async {
        while count_cut() == 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, cutting).await.expect("those that are too many are cut off");
    stuck.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_that_nobody_reads_do_not_stop_the_line() {
    let node = start_serving(VisitorBounds::default(), |mut tcp| async move {
        let mut first = [0];
        tcp.read_exact(&mut first).await.unwrap();
        let (parts, part_bytes) = if first == *b"m" { (200, 100_000) } else { (1, 1) };
        let part = vec![first[0]; part_bytes];
        for _ in 0..parts {
            if tcp.write_all(&part).await.is_err() {
                return;
            }
        }
    })
    .await;
    let config = EndpointConfig { unread_streams: Some(128), ..EndpointConfig::loopback() };
    let gateway = NetEndpoint::bind(config).await.unwrap();
    let line = VisitorLine::new(gateway, node.endpoint.address().unwrap(), PATIENCE);

    // Without smaller windows, these fill that of the connection.
    let mut unread = Vec::new();
    for _ in 0..40 {
        let mut stream = line.open_port(JOB, 9000).await.unwrap();
        stream.write_all(b"m").await.unwrap();
        unread.push(stream);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut stream = line.open_port(JOB, 9000).await.unwrap();
    stream.write_all(b"a").await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert_eq!(answer, b"a");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_arrives_although_the_service_reads_no_body() {
    let node = start_serving(VisitorBounds::default(), |mut tcp| async move {
        tcp.read_exact(&mut [0]).await.unwrap();
        tcp.write_all(b"refused").await.unwrap();
        // Unread bytes make this a reset.
        tokio::time::sleep(Duration::from_millis(300)).await;
    })
    .await;
    let line = node.visitor_line().await;

    let stream = line.open_port(JOB, 9000).await.unwrap();
    let (mut read, mut write) = tokio::io::split(stream);
    let sending = tokio::spawn(async move { write.write_all(&vec![0; 200_000_000]).await });
    let mut answer = [0; 7];
    timeout(PATIENCE, read.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"refused");
    assert!(timeout(PATIENCE, read.read(&mut [0])).await.unwrap().is_err(), "not a complete end");
    sending.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_leaves_an_endpoint_that_is_no_longer_announced() {
    let (old, new) = (start_node().await, start_node().await);
    let line = old.visitor_line().await;
    line.open_port(JOB, 9000).await.unwrap();

    *old.host.has_ended.lock().unwrap() = true;
    assert_eq!(refusal(line.open_port(JOB, 9000).await), RefusalReason::Ended);
    line.set_node(new.endpoint.address().unwrap());
    line.open_port(JOB, 9000).await.unwrap();
}
