//! What a holder keeps of offers that are wrong or break off.

use std::time::Duration;

use iroh::endpoint::Connection;
use nosana_job_spec::ContentId;
use nosana_net::content::{CONTENT_ALPN, ContentClient, ContentOffer, OfferOutcome};
use nosana_store::Store;
use tokio::time::{sleep, timeout};

use crate::fixture::by_hand::{
    SIZE, blocks_in_order, connect_to, offer_request, patient_bounds, read_code, send_frame,
};
use crate::fixture::{
    BOUNDS, ContentNode, JOB, count_files, loopback_endpoint, new_store, sample_bytes,
};

/// Offers an object to an honest node by hand, and sends `frames` instead of it.
async fn offer_frames(node: &ContentNode, object: ContentId, frames: &[Vec<u8>]) -> Connection {
    let client = loopback_endpoint().await;
    let connection = client.connect(&node.address(), CONTENT_ALPN).await.unwrap();
    let (mut send, mut recv) = connection.open_bi().await.unwrap();

    send_frame(&mut send, &offer_request(object)).await.unwrap();
    let mut answer = [0; 4 + 9];
    recv.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer[4], 0, "the offer is admitted");
    assert!(node.budget.held_bytes() > 0);

    for frame in frames {
        // Fails when the node has cut the stream off.
        if send_frame(&mut send, frame).await.is_none() {
            break;
        }
    }
    let closed = tokio::time::timeout(Duration::from_secs(4), connection.closed()).await;
    closed.expect("the offerer is cut off");
    connection
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_keeps_nothing_of_a_false_offer() {
    let node = ContentNode::start().await;
    let (_folder, source) = new_store();
    let object = source.put(&sample_bytes(SIZE)).unwrap();
    let blocks = blocks_in_order(&source, object);

    let wrong = [blocks[0].clone(), blocks[2].clone()];
    let stalled = [blocks[0].clone(), blocks[1].clone()];
    let excess = [blocks.clone(), vec![b"more".to_vec()]].concat();
    for frames in [&wrong[..], &stalled[..], &excess[..], &[]] {
        let connection = offer_frames(&node, object, frames).await;
        drop(connection);

        assert!(!node.store.has_file(&object));
        assert_eq!(count_files(&node.store), 0);
        assert_eq!(node.budget.held_bytes(), 0, "the room is free again");
    }

    // The object itself is still welcome.
    let client = loopback_endpoint().await;
    let connection = client.connect(&node.address(), CONTENT_ALPN).await.unwrap();
    let client = ContentClient::new(connection, None, BOUNDS);
    let offer = ContentOffer { job: JOB, object, content_bytes: SIZE as u64 };
    let outcome = client.offer_object(&source, offer).await.unwrap();
    assert_eq!(outcome, OfferOutcome::Stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_refuses_an_offer_that_declares_less_than_it_has() {
    let node = ContentNode::start().await;
    let client = loopback_endpoint().await;
    let connection = client.connect(&node.address(), CONTENT_ALPN).await.unwrap();
    let (_folder, source) = new_store();
    let object = source.put(&sample_bytes(SIZE)).unwrap();

    let client = ContentClient::new(connection, None, BOUNDS);
    let offer = ContentOffer { job: JOB, object, content_bytes: 1_000 };
    assert!(client.offer_object(&source, offer).await.is_err());
    assert_eq!(count_files(&node.store), 0);
    assert_eq!(node.budget.held_bytes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_that_break_off_leave_a_bounded_rest() {
    let node = ContentNode::start_bounded(patient_bounds()).await;
    let (_folder, source) = new_store();

    for seed in 0..6 {
        let object = source.put(&[&[seed][..], &sample_bytes(SIZE - 1)].concat()).unwrap();
        let blocks = blocks_in_order(&source, object);
        let (_client, connection) = connect_to(&node).await;
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        send_frame(&mut send, &offer_request(object)).await.unwrap();
        assert_eq!(read_code(&mut recv).await, 0);
        for block in &blocks[..4] {
            send_frame(&mut send, block).await.unwrap();
        }
        let arrived = async {
            while rest_bytes(&node.store, object) < 700_000 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(20), arrived).await.expect("the blocks arrive");
        connection.close(0_u32.into(), b"gone");

        let freed = async {
            while node.budget.held_bytes() > 0 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(20), freed).await.expect("no room stays reserved");
    }

    let staging = std::fs::read_dir(node.store.folder().join("staging")).unwrap();
    let rests: Vec<u64> = staging.map(|rest| rest.unwrap().metadata().unwrap().len()).collect();
    // The last offer came after the others were counted.
    let bound = BOUNDS.max_rest_bytes + SIZE as u64;
    assert!(rests.iter().sum::<u64>() <= bound, "{rests:?}");
    assert!(rests.len() > 1, "some stay for another attempt");
}

/// The bytes of an object that have arrived and are not in the store yet.
fn rest_bytes(store: &Store, object: ContentId) -> u64 {
    let path = store.folder().join("staging").join(format!("incoming-{object}"));
    std::fs::metadata(path).map_or(0, |rest| rest.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_enters_the_store_is_counted_also_if_its_peer_has_left() {
    for delay_millis in [0, 1, 2, 4, 8, 16] {
        let node = ContentNode::start_bounded(patient_bounds()).await;
        let (_folder, source) = new_store();
        let object = source.put(&sample_bytes(SIZE)).unwrap();
        let (_client, connection) = connect_to(&node).await;
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        send_frame(&mut send, &offer_request(object)).await.unwrap();
        assert_eq!(read_code(&mut recv).await, 0);
        for block in blocks_in_order(&source, object) {
            send_frame(&mut send, &block).await.unwrap();
        }
        send.finish().unwrap();
        let acknowledged = timeout(Duration::from_secs(5), send.stopped()).await;
        acknowledged.unwrap().unwrap();
        sleep(Duration::from_millis(delay_millis)).await;
        connection.close(0_u32.into(), b"gone");

        // What is being stored may take long on a busy disk: it is right once it stays so.
        let is_counted = || (node.budget.held_bytes() > 0) == node.store.has_file(&object);
        let settled = async {
            let mut polls = 0;
            while polls < 20 {
                sleep(Duration::from_millis(50)).await;
                polls = if is_counted() { polls + 1 } else { 0 };
            }
        };
        let settled = timeout(Duration::from_secs(20), settled).await;
        settled.unwrap_or_else(|_| panic!("not counted, {delay_millis} ms after the last block"));
    }
}
