//! What strangers and former parties cannot do to a node's transfers of private content.

use std::time::Duration;

use nosana_job_spec::ContentId;
use nosana_net::access::{AccessRequest, Credential, Peers};
use nosana_net::content::{CONTENT_ALPN, ContentClient, ContentError, ContentRefusal};
use solana_keypair::Keypair;
use solana_signer::Signer;
use tokio::time::{sleep, timeout};

use crate::fixture::by_hand::{
    SIZE, blocks_in_order, connect_to, offer_request, patient_bounds, read_code, send_frame,
    send_get,
};
use crate::fixture::{
    BOUNDS, ContentNode, JOB, MIB, loopback_endpoint, new_store, now, sample_bytes,
};

/// The code of [`ContentRefusal::NotAdmitted`].
const NOT_ADMITTED: u8 = 2;

/// Fetches an object as somebody with this wallet.
async fn fetch_as(
    node: &ContentNode,
    wallet: &Keypair,
    object: ContentId,
) -> Result<u64, ContentError> {
    let client = loopback_endpoint().await;
    let connection = client.connect(&node.address(), CONTENT_ALPN).await.unwrap();
    let peers = Peers { node: node.endpoint.id(), client: client.id() };
    let signed = AccessRequest::sign(wallet, JOB, &peers, now() + 60).unwrap();

    let (_folder, store) = new_store();
    let requests = ContentClient::new(connection, Some(Credential::Request(signed)), BOUNDS);
    requests.fetch_object(&store, object, MIB).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_ends_with_the_job_that_it_is_for() {
    let node = ContentNode::start_bounded(patient_bounds()).await;
    let (_folder, source) = new_store();
    let object = source.put(&sample_bytes(SIZE)).unwrap();
    let (_client, connection) = connect_to(&node).await;
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    send_frame(&mut send, &offer_request(object)).await.unwrap();
    let mut answer = [0; 4 + 9];
    recv.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer[4], 0, "the offer is admitted");
    for block in &blocks_in_order(&source, object)[..2] {
        send_frame(&mut send, block).await.unwrap();
    }
    assert!(node.budget.held_bytes() > 0);

    // The peer stays connected, and could go on for as long as its size allows.
    drop(node.end.lock().unwrap().take());
    assert_eq!(read_code(&mut recv).await, NOT_ADMITTED);
    let freed = async {
        while node.budget.held_bytes() > 0 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(5), freed).await.expect("its room is free again");
    assert!(connection.close_reason().is_none(), "it broke no rule");
    assert!(!node.store.has_file(&object));
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_do_not_take_the_places_of_parties() {
    let wallet = Keypair::new();
    let node = ContentNode::start_for(wallet.pubkey(), patient_bounds()).await;
    let large = node.store.put(&sample_bytes(40_000_000)).unwrap();
    let small = node.store.put(b"small").unwrap();

    let mut strangers = Vec::new();
    for _ in 0..BOUNDS.transfers / BOUNDS.transfers_per_peer {
        let (endpoint, connection) = connect_to(&node).await;
        for _ in 0..BOUNDS.transfers_per_peer {
            let (send, mut recv) = send_get(&connection, large, 0, u64::MAX).await;
            assert_eq!(read_code(&mut recv).await, 0);
            strangers.push((endpoint.clone(), connection.clone(), send, recv));
        }
    }

    // Anybody can sign for a job.
    let fetched = fetch_as(&node, &Keypair::new(), small).await;
    let is_busy = matches!(fetched, Err(ContentError::Refused(ContentRefusal::Busy)));
    assert!(is_busy, "{fetched:?}");
    for _ in 0..3 {
        assert_eq!(fetch_as(&node, &wallet, small).await.unwrap(), 5);
        // The node counts the transfer until its end is acknowledged.
        sleep(Duration::from_millis(300)).await;
    }
}
