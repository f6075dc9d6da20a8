//! Objects between honest peers.

use nosana_job_spec::ContentId;
use nosana_net::access::{AccessRequest, Credential, Peers};
use nosana_net::content::{
    CONTENT_ALPN, ContentClient, ContentError, ContentOffer, ContentRefusal, OfferOutcome,
    max_stored_bytes,
};
use nosana_net::transport::NetEndpoint;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::fixture::{
    BOUNDS, ContentNode, JOB, MIB, count_files, loopback_endpoint, new_store, now, sample_bytes,
};

async fn connect(client: &NetEndpoint, node: &ContentNode) -> ContentClient {
    let connection = client.connect(&node.address(), CONTENT_ALPN).await.unwrap();
    ContentClient::new(connection, None, BOUNDS)
}

fn assert_refused<T: std::fmt::Debug>(result: Result<T, ContentError>, refusal: ContentRefusal) {
    match result {
        Err(ContentError::Refused(actual)) => assert_eq!(actual, refusal),
        other => panic!("{other:?} is not refused with {refusal:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_every_size_are_fetched() {
    let node = ContentNode::start().await;
    let endpoint = loopback_endpoint().await;
    let client = connect(&endpoint, &node).await;
    let (_folder, store) = new_store();

    for size in [0, 1, 262_144, 262_145, 5_000_000] {
        let content = sample_bytes(size);
        let object = node.store.put(&content).unwrap();
        assert!(!store.has_file(&object));

        let fetched = client.fetch_object(&store, object, size as u64).await.unwrap();
        assert_eq!(fetched, size as u64);
        assert_eq!(store.get(&object, 8 * MIB).unwrap(), content);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_say_which_objects_they_have() {
    let node = ContentNode::start().await;
    let endpoint = loopback_endpoint().await;
    let client = connect(&endpoint, &node).await;
    let here = node.store.put(b"here").unwrap();
    let missing = ContentId::from_digest([9; 32]);

    let objects: Vec<_> = (0..150).map(|i| if i % 3 == 0 { here } else { missing }).collect();
    let found = client.query_objects(&objects).await.unwrap();
    let expected: Vec<_> = (0..150).map(|i| i % 3 == 0).collect();
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_and_large_objects_are_refused_before_anything_is_sent() {
    let node = ContentNode::start().await;
    let endpoint = loopback_endpoint().await;
    let client = connect(&endpoint, &node).await;
    let (_folder, store) = new_store();

    let missing = ContentId::from_digest([9; 32]);
    let fetched = client.fetch_object(&store, missing, MIB).await;
    assert_refused(fetched, ContentRefusal::NotFound);

    let object = node.store.put(&sample_bytes(1_000)).unwrap();
    let fetched = client.fetch_object(&store, object, 999).await;
    assert_refused(fetched, ContentRefusal::TooLarge);
    assert_eq!(count_files(&store), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn holders_keep_what_they_admit() {
    let node = ContentNode::start().await;
    let endpoint = loopback_endpoint().await;
    let client = connect(&endpoint, &node).await;
    let (_folder, store) = new_store();
    let content = sample_bytes(3_000_000);
    let object = store.put(&content).unwrap();
    let offer = ContentOffer { job: JOB, object, content_bytes: 3_000_000 };

    let outcome = client.offer_object(&store, offer).await.unwrap();
    assert_eq!(outcome, OfferOutcome::Stored);
    assert_eq!(node.store.get(&object, 4 * MIB).unwrap(), content);
    assert_eq!(node.budget.held_bytes(), max_stored_bytes(3_000_000));

    let outcome = client.offer_object(&store, offer).await.unwrap();
    assert_eq!(outcome, OfferOutcome::AlreadyHeld);
    assert_eq!(node.budget.held_bytes(), max_stored_bytes(3_000_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_job_names_or_what_has_no_room_is_not_kept() {
    let node = ContentNode::start().await;
    let endpoint = loopback_endpoint().await;
    let client = connect(&endpoint, &node).await;
    let (_folder, store) = new_store();
    let object = store.put(&sample_bytes(7_500_000)).unwrap();
    let offer = ContentOffer { job: JOB, object, content_bytes: 7_500_000 };

    let stray = ContentOffer { job: Address::new_from_array([8; 32]), ..offer };
    assert_refused(client.offer_object(&store, stray).await, ContentRefusal::NotAdmitted);
    assert_refused(client.offer_object(&store, offer).await, ContentRefusal::TooLarge);

    let other_job = Address::new_from_array([7; 32]);
    let _taken = node.budget.reserve_bytes(other_job, 7 * MIB).unwrap();
    let object = store.put(&sample_bytes(5_000_000)).unwrap();
    let offer = ContentOffer { job: JOB, object, content_bytes: 5_000_000 };
    assert_refused(client.offer_object(&store, offer).await, ContentRefusal::Full);
    assert_eq!(count_files(&node.store), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn private_content_is_for_the_parties_of_the_job() {
    let wallet = Keypair::new();
    let (folder, store) = new_store();
    let object = store.put(b"secret").unwrap();
    let node = ContentNode::start_private(vec![object], wallet.pubkey(), (folder, store)).await;
    let client = loopback_endpoint().await;
    let connection = client.connect(&node.address(), CONTENT_ALPN).await.unwrap();
    let (_folder, own) = new_store();

    let stranger = ContentClient::new(connection.clone(), None, BOUNDS);
    assert_eq!(stranger.query_objects(&[object]).await.unwrap(), [false]);
    let fetched = stranger.fetch_object(&own, object, MIB).await;
    assert_refused(fetched, ContentRefusal::NotFound);

    let peers = Peers { node: node.endpoint.id(), client: client.id() };
    let sign = |wallet: &Keypair, peers: &Peers| {
        Credential::Request(AccessRequest::sign(wallet, JOB, peers, now() + 60).unwrap())
    };
    let other = sign(&Keypair::new(), &peers);
    let other = ContentClient::new(connection.clone(), Some(other), BOUNDS);
    assert_refused(other.fetch_object(&own, object, MIB).await, ContentRefusal::NotFound);

    let replayed = sign(&wallet, &Peers { client: node.endpoint.id(), ..peers });
    let replayed = ContentClient::new(connection.clone(), Some(replayed), BOUNDS);
    assert_refused(replayed.fetch_object(&own, object, MIB).await, ContentRefusal::Credential);

    let party = ContentClient::new(connection, Some(sign(&wallet, &peers)), BOUNDS);
    assert_eq!(party.fetch_object(&own, object, MIB).await.unwrap(), 6);
    assert_eq!(own.get(&object, MIB).unwrap(), b"secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_transfers_of_one_object_do_not_mix() {
    let node = ContentNode::start().await;
    let endpoint = loopback_endpoint().await;
    let client = connect(&endpoint, &node).await;
    let (_folder, store) = new_store();
    let content = sample_bytes(6_000_000);
    let object = node.store.put(&content).unwrap();

    let fetches = (0..4).map(|_| client.fetch_object(&store, object, 8 * MIB));
    let fetched = futures_util::future::join_all(fetches).await;
    assert!(fetched.iter().any(Result::is_ok));
    let is_expected = |fetched: &Result<u64, ContentError>| {
        matches!(fetched, Ok(6_000_000) | Err(ContentError::Running))
    };
    assert!(fetched.iter().all(is_expected), "{fetched:?}");
    assert_eq!(store.get(&object, 8 * MIB).unwrap(), content);
}
