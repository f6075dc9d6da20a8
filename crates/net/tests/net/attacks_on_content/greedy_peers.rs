//! Peers that take more than their share of a server: connections, transfers, blocks, time.

use std::time::{Duration, Instant};

use nosana_job_spec::ContentId;
use nosana_net::content::{
    CONTENT_ALPN, ContentBounds, ContentClient, ContentError, ContentRefusal,
};
use tokio::time::{sleep, timeout};

use crate::fixture::by_hand::{SIZE, connect_to, patient_bounds, read_code, send_get};
use crate::fixture::{BOUNDS, ContentNode, MIB, loopback_endpoint, new_store, sample_bytes};

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_requests_nothing_is_disconnected() {
    let node = ContentNode::start().await;
    let client = loopback_endpoint().await;
    let connection = client.connect(&node.address(), CONTENT_ALPN).await.unwrap();

    let closed = tokio::time::timeout(BOUNDS.idle_timeout * 2, connection.closed()).await;
    closed.expect("closed");

    // Nor does one request keep it.
    let connection = client.connect(&node.address(), CONTENT_ALPN).await.unwrap();
    let requests = ContentClient::new(connection.clone(), None, BOUNDS);
    let missing = ContentId::from_digest([9; 32]);
    assert_eq!(requests.query_objects(&[missing]).await.unwrap(), [false]);
    let closed = tokio::time::timeout(BOUNDS.idle_timeout * 2, connection.closed()).await;
    closed.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_peer_cannot_take_the_transfers_of_all() {
    let node = ContentNode::start_bounded(patient_bounds()).await;
    // Larger than what is under way before the reader reads.
    let object = node.store.put(&sample_bytes(40_000_000)).unwrap();
    let (_greedy, connection) = connect_to(&node).await;

    let mut codes = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..BOUNDS.transfers {
        let (send, mut recv) = send_get(&connection, object, 0, u64::MAX).await;
        codes.push(read_code(&mut recv).await);
        streams.push((send, recv));
    }
    let accepted = codes.iter().filter(|code| **code == 0).count();
    assert_eq!(accepted, BOUNDS.transfers_per_peer, "{codes:?}");

    let (_other, connection) = connect_to(&node).await;
    let (_folder, store) = new_store();
    let small = node.store.put(b"small").unwrap();
    let client = ContentClient::new(connection.clone(), None, BOUNDS);
    client.fetch_object(&store, small, MIB).await.unwrap();

    // With all places taken, not even the size is looked up.
    for _ in 0..BOUNDS.transfers - BOUNDS.transfers_per_peer {
        let (send, mut recv) = send_get(&connection, object, 0, u64::MAX).await;
        assert_eq!(read_code(&mut recv).await, 0);
        streams.push((send, recv));
    }
    let (_third, connection) = connect_to(&node).await;
    let client = ContentClient::new(connection, None, BOUNDS);
    let fetched = client.fetch_object(&store, object, 0).await;
    let is_busy = matches!(fetched, Err(ContentError::Refused(ContentRefusal::Busy)));
    assert!(is_busy, "{fetched:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_do_not_take_the_transfers_of_preferred_peers() {
    let node = ContentNode::start_bounded(patient_bounds()).await;
    let large = node.store.put(&sample_bytes(40_000_000)).unwrap();
    let small = node.store.put(b"small").unwrap();
    let mut streams = Vec::new();
    for _ in 0..BOUNDS.transfers / BOUNDS.transfers_per_peer {
        let (stranger, connection) = connect_to(&node).await;
        for _ in 0..BOUNDS.transfers_per_peer {
            let (send, mut recv) = send_get(&connection, large, 0, u64::MAX).await;
            assert_eq!(read_code(&mut recv).await, 0);
            streams.push((stranger.clone(), connection.clone(), send, recv));
        }
    }

    let (panelist, connection) = connect_to(&node).await;
    let (_folder, store) = new_store();
    let client = ContentClient::new(connection.clone(), None, BOUNDS);
    let is_busy = |fetched: Result<u64, ContentError>| {
        matches!(fetched, Err(ContentError::Refused(ContentRefusal::Busy)))
    };
    assert!(is_busy(client.fetch_object(&store, small, MIB).await));
    node.endpoint.preferred().set_peers([panelist.id()]);
    assert_eq!(client.fetch_object(&store, small, MIB).await.unwrap(), 5);

    // The node counts the transfer until its end is acknowledged.
    sleep(Duration::from_millis(300)).await;
    let (_send, mut recv) = send_get(&connection, large, 0, u64::MAX).await;
    assert_eq!(read_code(&mut recv).await, 0);
    let (_folder, other) = new_store();
    assert!(is_busy(client.fetch_object(&other, small, MIB).await), "each peer has a bound");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_skips_more_than_there_is_is_cut_off() {
    let node = ContentNode::start().await;
    let object = node.store.put(&sample_bytes(SIZE)).unwrap();

    // Five blocks: who has them all gets none.
    let (_client, connection) = connect_to(&node).await;
    let (_send, mut recv) = send_get(&connection, object, 5, u64::MAX).await;
    let answer = timeout(Duration::from_secs(5), recv.read_to_end(100)).await.unwrap().unwrap();
    assert_eq!(answer.len(), 4 + 9);

    let _streams = send_get(&connection, object, 6, u64::MAX).await;
    timeout(Duration::from_secs(5), connection.closed()).await.expect("cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_too_slow_gives_its_place_to_others() {
    let bounds = ContentBounds {
        transfer_timeout: Duration::from_secs(1),
        min_bytes_per_second: 40_000_000,
        ..patient_bounds()
    };
    let node = ContentNode::start_bounded(bounds).await;
    let object = node.store.put(&sample_bytes(40_000_000)).unwrap();
    let (_client, connection) = connect_to(&node).await;
    let (_send, mut recv) = send_get(&connection, object, 0, u64::MAX).await;

    let begun = Instant::now();
    let mut part = vec![0; 100_000];
    while recv.read(&mut part).await.is_ok_and(|count| count.is_some()) {
        sleep(Duration::from_millis(100)).await;
        assert!(begun.elapsed() < Duration::from_secs(20), "it goes on");
    }
    assert!(connection.close_reason().is_none(), "other streams go on");
}
