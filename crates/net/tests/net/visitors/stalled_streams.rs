//! Bytes that nobody reads do not stop the other streams of a line.

use std::time::Duration;

use nosana_net::job::{VisitorBounds, VisitorLine};
use nosana_net::transport::{EndpointConfig, NetEndpoint};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::{PATIENCE, hold, start_serving};
use crate::fixture::JOB;

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
