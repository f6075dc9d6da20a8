//! What a client keeps of the blocks of a server that misbehaves.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use nosana_net::StreamError;
use nosana_net::content::{CONTENT_ALPN, ContentClient, ContentError, ContentRefusal, TreeError};

use super::liar::{Behavior, start_liar};
use crate::fixture::by_hand::SIZE;
use crate::fixture::{BOUNDS, ContentNode, MIB, loopback_endpoint};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_block_is_refused() {
    for honest in [0, 1, 4] {
        let scene = start_liar(Behavior::WrongBlock, honest, SIZE as u64).await;
        let fetched = scene.fetch().await;
        // The root is right as the first block.
        let is_expected = match honest {
            0 => matches!(fetched, Err(ContentError::Stream(StreamError::Ended))),
            _ => matches!(fetched, Err(ContentError::Wrong(TreeError::Hash { .. }))),
        };
        assert!(is_expected, "{honest}: {fetched:?}");
        scene.assert_nothing_kept();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_object_is_refused() {
    let scene = start_liar(Behavior::ExtraByte, 5, SIZE as u64).await;
    let fetched = scene.fetch().await;
    assert!(matches!(fetched, Err(ContentError::Excess)), "{fetched:?}");
    scene.assert_nothing_kept();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_over_the_bound_is_not_read() {
    let scene = start_liar(Behavior::HugeBlock, 2, SIZE as u64).await;
    let fetched = scene.fetch().await;
    let is_expected = matches!(fetched, Err(ContentError::Stream(StreamError::TooLarge { .. })));
    assert!(is_expected, "{fetched:?}");
    scene.assert_nothing_kept();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_size_than_the_root_declares_is_refused() {
    for announced in [0, 1, SIZE as u64 + 1] {
        let scene = start_liar(Behavior::Stall, 5, announced).await;
        let fetched = scene.fetch().await;
        assert!(matches!(fetched, Err(ContentError::OtherSize { .. })), "{fetched:?}");
        scene.assert_nothing_kept();
    }
    let scene = start_liar(Behavior::Stall, 5, u64::MAX).await;
    let fetched = scene.fetch().await;
    let is_expected = matches!(fetched, Err(ContentError::Refused(ContentRefusal::TooLarge)));
    assert!(is_expected, "{fetched:?}");
    scene.assert_nothing_kept();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_stalls_trickles_or_stops_is_cut_off() {
    for behavior in [Behavior::Stall, Behavior::Trickle, Behavior::EarlyEnd] {
        let scene = start_liar(behavior, 2, SIZE as u64).await;
        let started = Instant::now();
        let fetched = scene.fetch().await;

        let error = fetched.unwrap_err();
        assert!(error.is_fault(), "{behavior:?}: {error}");
        assert!(started.elapsed() < Duration::from_secs(4), "{behavior:?}");
        scene.assert_nothing_kept();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_continued_and_a_liar_adds_nothing() {
    let scene = start_liar(Behavior::LostConnection, 2, SIZE as u64).await;

    for (attempt, skipped) in [0, 2, 4].into_iter().enumerate() {
        let fetched = scene.fetch().await;
        assert_eq!(scene.skipped.lock().unwrap()[attempt], skipped, "{fetched:?}");
        let is_last = attempt == 2;
        match fetched {
            Err(ContentError::Stream(StreamError::Lost(_))) => {}
            other => panic!("{other:?}, last: {is_last}"),
        }
        assert!(!scene.store.has_file(&scene.object));
    }
    assert_eq!(scene.sent.load(Ordering::Relaxed), 5, "each block is sent once");

    // An honest node has nothing left to send.
    let honest = ContentNode::start().await;
    honest.store.put(&scene.content).unwrap();
    let client = loopback_endpoint().await;
    let connection = client.connect(&honest.address(), CONTENT_ALPN).await.unwrap();
    let client = ContentClient::new(connection, None, BOUNDS);
    client.fetch_object(&scene.store, scene.object, 2 * MIB).await.unwrap();
    assert_eq!(scene.store.get(&scene.object, 2 * MIB).unwrap(), scene.content);
}
