//! TCP connections through a node to a server of the test.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use nosana_net::access::{PortRights, Rights};
use nosana_net::forward::PortListener;
use nosana_net::job::{JobError, PortStatus, RefusalReason};
use nosana_net::logs::{LogBounds, LogBuffer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use crate::fixture::{ADMISSION_TIMEOUT, JobNode, sample_bytes};

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// A busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(30);

/// A TCP server that runs `serve` for each connection.
async fn start_server<F, Fut>(serve: F) -> SocketAddr
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(ANY_PORT).await.unwrap();
    let address = listener.local_addr().unwrap();

    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(serve(tcp));
        }
    });
    address
}

/// Sends back everything, and ends when the client has ended.
async fn echo(mut tcp: TcpStream) {
    let (mut read, mut write) = tcp.split();
    let _ = tokio::io::copy(&mut read, &mut write).await;
    let _ = write.shutdown().await;
}

/// Reads to the end before it answers with the number of bytes.
async fn count(mut tcp: TcpStream) {
    let mut bytes = Vec::new();
    if tcp.read_to_end(&mut bytes).await.is_ok() {
        let _ = tcp.write_all(bytes.len().to_string().as_bytes()).await;
    }
}

/// Sends half an answer, then breaks the connection.
async fn break_off(mut tcp: TcpStream) {
    let _ = tcp.write_all(b"half").await;
    sleep(Duration::from_millis(100)).await;
    let _ = tcp.set_zero_linger();
}

async fn forward(server: SocketAddr) -> (JobNode, PortListener) {
    let node = JobNode::start(LogBuffer::new(LogBounds::default())).await;
    node.expose(8080, server);
    let listener = PortListener::bind(node.link().await, ANY_PORT, 8080).await.unwrap();
    (node, listener)
}

async fn exchange(address: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut tcp = TcpStream::connect(address).await?;
    let (mut read, mut write) = tcp.split();
    let mut answer = Vec::new();

    let sending = async {
        write.write_all(request).await?;
        write.shutdown().await
    };
    let exchanged = async { tokio::try_join!(sending, read.read_to_end(&mut answer)) };
    timeout(PATIENCE, exchanged).await??;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_go_both_ways_unchanged() {
    let (_node, listener) = forward(start_server(echo).await).await;

    for size in [0, 1, 1_000, 20_000_000] {
        let request = sample_bytes(size);
        assert!(exchange(listener.local_addr(), &request).await.unwrap() == request, "{size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_late_gets_everything() {
    let server = start_server(|mut tcp: TcpStream| async move {
        let _ = tcp.write_all(&sample_bytes(4_000_000)).await;
    });
    let (_node, listener) = forward(server.await).await;
    let mut tcp = TcpStream::connect(listener.local_addr()).await.unwrap();

    // All buffers between them are full, so that each write takes a part of its bytes. The stream
    // then has more bytes than a buffer holds: one read fills it exactly.
    let mut answer = vec![0; 5_000];
    for part in answer.chunks_mut(1_000) {
        sleep(Duration::from_millis(100)).await;
        tcp.read_exact(part).await.unwrap();
    }
    let read = timeout(PATIENCE, tcp.read_to_end(&mut answer));
    read.await.unwrap().unwrap();
    assert!(answer == sample_bytes(4_000_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_direction_ends_on_its_own() {
    let (_node, listener) = forward(start_server(count).await).await;
    let answer = exchange(listener.local_addr(), &sample_bytes(300_000)).await.unwrap();
    assert_eq!(answer, b"300000");

    // The server ends first, and the client still sends.
    let (sender, received) = tokio::sync::oneshot::channel();
    let sender = Arc::new(std::sync::Mutex::new(Some(sender)));
    let server = start_server(move |mut tcp: TcpStream| {
        let sender = sender.lock().unwrap().take();
        async move {
            tcp.shutdown().await.unwrap();
            let mut bytes = Vec::new();
            tcp.read_to_end(&mut bytes).await.unwrap();
            sender.unwrap().send(bytes).unwrap();
        }
    });
    let (_node, listener) = forward(server.await).await;
    let mut tcp = TcpStream::connect(listener.local_addr()).await.unwrap();
    assert_eq!(tcp.read(&mut [0]).await.unwrap(), 0);
    tcp.write_all(b"late").await.unwrap();
    tcp.shutdown().await.unwrap();
    let bytes = timeout(Duration::from_secs(5), received).await.unwrap().unwrap();
    assert_eq!(bytes, b"late");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_does_not_look_complete() {
    let (_node, listener) = forward(start_server(break_off).await).await;
    let mut tcp = TcpStream::connect(listener.local_addr()).await.unwrap();
    let mut answer = Vec::new();

    let read = timeout(Duration::from_secs(5), tcp.read_to_end(&mut answer)).await.unwrap();
    assert!(read.is_err(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_reset_between_two_reads_does_not_look_complete() {
    let server = start_server(|mut tcp: TcpStream| async move {
        let part = sample_bytes(100_000);
        while tcp.write_all(&part).await.is_ok() {}
    });
    let node = JobNode::start(LogBuffer::new(LogBounds::default())).await;
    node.expose(8080, server.await);

    // The end of the grant resets all of them while they are busy. Some have read once by then, and
    // read again after it.
    let rights = Rights::new(false, PortRights::Only(vec![8080])).unwrap();
    let link = node.link_as(Arc::new(node.grant(rights, 4))).await;
    let listener = PortListener::bind(link, ANY_PORT, 8080).await.unwrap();
    let address = listener.local_addr();
    let readers = (0..16).map(|_| {
        tokio::spawn(async move {
            let mut tcp = TcpStream::connect(address).await.unwrap();
            tcp.read_exact(&mut [0]).await.unwrap();
            tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await
        })
    });
    let all = futures_util::future::join_all(readers);
    for copied in timeout(PATIENCE, all).await.unwrap() {
        let copied = copied.unwrap();
        assert!(copied.is_err(), "it ended after {copied:?} bytes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_sees_that_its_client_is_gone() {
    let (sender, mut received) = tokio::sync::mpsc::channel(1);
    let server = start_server(move |mut tcp: TcpStream| {
        let sender = sender.clone();
        async move {
            let mut byte = [0];
            tcp.read_exact(&mut byte).await.unwrap();
            let after = tcp.read(&mut byte).await;
            sender.send(after.map_err(|error| error.kind())).await.unwrap();
        }
    });
    let (_node, listener) = forward(server.await).await;

    let mut tcp = TcpStream::connect(listener.local_addr()).await.unwrap();
    tcp.write_all(b"x").await.unwrap();
    sleep(Duration::from_millis(200)).await;
    tcp.set_zero_linger().unwrap();
    drop(tcp);
    let after = timeout(Duration::from_secs(5), received.recv()).await.unwrap().unwrap();
    assert_eq!(after, Err(std::io::ErrorKind::ConnectionReset));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_connections_at_once() {
    let (_node, listener) = forward(start_server(echo).await).await;
    let address = listener.local_addr();

    // All are open before the first ends.
    let barrier = Arc::new(tokio::sync::Barrier::new(100));
    let clients = (0..100_usize).map(|i| {
        let barrier = Arc::clone(&barrier);
        tokio::spawn(async move {
            let mut tcp = TcpStream::connect(address).await.unwrap();
            let request = sample_bytes(10_000 + i);
            tcp.write_all(&request[..1]).await.unwrap();
            let mut answer = vec![0; request.len()];
            tcp.read_exact(&mut answer[..1]).await.unwrap();
            barrier.wait().await;

            tcp.write_all(&request[1..]).await.unwrap();
            tcp.read_exact(&mut answer[1..]).await.unwrap();
            assert!(answer == request);
        })
    });
    let all = futures_util::future::join_all(clients);
    for client in timeout(Duration::from_secs(60), all).await.unwrap() {
        client.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_connection_does_not_stop_the_others() {
    let server = start_server(|mut tcp: TcpStream| async move {
        let mut first = [0];
        tcp.read_exact(&mut first).await.unwrap();
        if first == *b"s" {
            // Reads nothing more, while its client sends.
            std::future::pending::<()>().await;
        }
        let _ = tcp.write_all(&first).await;
    });
    let (_node, listener) = forward(server.await).await;

    let mut stuck = Vec::new();
    for _ in 0..10 {
        let mut tcp = TcpStream::connect(listener.local_addr()).await.unwrap();
        tcp.write_all(b"s").await.unwrap();
        stuck.push(tokio::spawn(async move {
            let _ = tcp.write_all(&vec![0; 20_000_000]).await;
        }));
    }
    sleep(Duration::from_secs(1)).await;
    let answer = timeout(Duration::from_secs(5), exchange(listener.local_addr(), b"a")).await;
    assert_eq!(answer.unwrap().unwrap(), b"a");
    stuck.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_stream_of_a_line_outlasts_the_time_of_admission() {
    let (_node, listener) = forward(start_server(echo).await).await;
    let mut tcp = TcpStream::connect(listener.local_addr()).await.unwrap();
    let mut byte = [0];

    for _ in 0..2 {
        tcp.write_all(b"x").await.unwrap();
        timeout(Duration::from_secs(5), tcp.read_exact(&mut byte)).await.unwrap().unwrap();
        sleep(ADMISSION_TIMEOUT + Duration::from_millis(500)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_connections_work_after_the_line_was_cut() {
    let (mut node, listener) = forward(start_server(echo).await).await;
    let mut open = TcpStream::connect(listener.local_addr()).await.unwrap();
    open.write_all(b"x").await.unwrap();
    open.read_exact(&mut [0]).await.unwrap();

    node.listener = None;
    let after = timeout(Duration::from_secs(5), open.read(&mut [0])).await.unwrap();
    assert!(after.is_err(), "the open connection breaks: {after:?}");

    let waiting = tokio::spawn(exchange(listener.local_addr(), b"waits for the line"));
    sleep(Duration::from_millis(500)).await;
    node.accept_connections();
    let answer = timeout(Duration::from_secs(15), waiting).await.unwrap().unwrap().unwrap();
    assert_eq!(answer, b"waits for the line");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_ends_with_its_job() {
    let (node, mut listener) = forward(start_server(echo).await).await;
    assert_eq!(exchange(listener.local_addr(), b"a").await.unwrap(), b"a");
    let early = timeout(Duration::from_millis(100), listener.wait_for_end()).await;
    assert!(early.is_err());

    *node.host.has_ended.lock().unwrap() = true;
    assert!(exchange(listener.local_addr(), b"b").await.is_err());
    let reason = timeout(Duration::from_secs(5), listener.wait_for_end()).await.unwrap();
    assert_eq!(reason, RefusalReason::Ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_this_machine_can_use_a_listener() {
    let node = JobNode::start(LogBuffer::new(LogBounds::default())).await;
    for open in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let bound = PortListener::bind(node.link().await, open.parse().unwrap(), 80).await;
        assert!(matches!(bound, Err(JobError::Listen { .. })), "{open}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_the_ports_that_may_be_used() {
    let node = JobNode::start(LogBuffer::new(LogBounds::default())).await;
    let server = start_server(echo).await;
    [80, 8080].iter().for_each(|port| node.expose(*port, server));
    let expected = [(80, false), (8080, true)].map(|(port, is_ready)| PortStatus {
        port,
        is_ready,
        is_public: false,
        name: format!("n{port}"),
    });
    assert_eq!(node.link().await.list_ports().await.unwrap(), expected);

    let rights = Rights::new(false, PortRights::Only(vec![80])).unwrap();
    let link = node.link_as(Arc::new(node.grant(rights, 60))).await;
    assert_eq!(link.list_ports().await.unwrap(), expected[..1]);
    let logs_only = Rights::new(true, PortRights::Only(vec![])).unwrap();
    let link = node.link_as(Arc::new(node.grant(logs_only, 60))).await;
    assert_eq!(link.list_ports().await.unwrap(), []);
}
