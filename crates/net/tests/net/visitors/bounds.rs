//! How much visitors may use, and for how long.

use std::time::Duration;

use nosana_net::job::{JOB_ALPN, RefusalReason, VisitorBounds};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::{PATIENCE, hold, refusal, start_node, start_serving, wait_until_cut};
use crate::fixture::{ADMISSION_TIMEOUT, JOB, VISITOR_BOUNDS, loopback_endpoint};

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
