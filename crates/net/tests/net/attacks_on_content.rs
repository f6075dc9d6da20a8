//! Peers that break the content protocol: they are cut off with a typed error, and nothing that
//! they sent is kept.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use iroh::endpoint::{Connection, RecvStream, SendStream};
use nosana_job_spec::ContentId;
use nosana_net::StreamError;
use nosana_net::content::{
    CONTENT_ALPN, ContentBounds, ContentClient, ContentError, ContentOffer, ContentRefusal,
    OfferOutcome, TreeError,
};
use nosana_net::transport::{ConnectionHandler, Listener, NetEndpoint};
use nosana_store::Store;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::fixture::{
    BOUNDS, ContentNode, JOB, MIB, count_files, listen, loopback_endpoint, new_store, sample_bytes,
};

pub const SIZE: usize = 1_000_000;

/// How a server misbehaves after it has sent `honest` blocks.
#[derive(Clone, Copy, Debug)]
enum Behavior {
    WrongBlock,
    ExtraByte,
    HugeBlock,
    EarlyEnd,
    Stall,
    Trickle,
    LostConnection,
}

/// A server that was written against the documentation of the protocol, and misbehaves.
struct Liar {
    blocks: Vec<Vec<u8>>,
    announced_bytes: u64,
    honest: usize,
    behavior: Behavior,
    skipped: Arc<Mutex<Vec<u64>>>,
    sent: Arc<AtomicUsize>,
}

impl Liar {
    async fn serve(&self, connection: &Connection) -> Option<()> {
        let (mut send, mut recv) = connection.accept_bi().await.ok()?;
        let mut request = [0; 4 + 1 + 1 + 32 + 8 + 8];
        recv.read_exact(&mut request).await.ok()?;
        let skip = u64::from_le_bytes(request[38..46].try_into().ok()?);
        self.skipped.lock().unwrap().push(skip);

        let mut answer = vec![0];
        answer.extend(self.announced_bytes.to_le_bytes());
        send_frame(&mut send, &answer).await?;
        let skip = usize::try_from(skip).ok()?;
        for block in self.blocks.iter().skip(skip).take(self.honest) {
            self.sent.fetch_add(1, Ordering::Relaxed);
            send_frame(&mut send, block).await?;
        }
        self.misbehave(&mut send, connection).await
    }

    async fn misbehave(&self, send: &mut SendStream, connection: &Connection) -> Option<()> {
        match self.behavior {
            Behavior::WrongBlock => send_frame(send, &self.blocks[0]).await?,
            Behavior::ExtraByte => send.write_all(&[0]).await.ok()?,
            Behavior::HugeBlock => send.write_all(&u32::MAX.to_le_bytes()).await.ok()?,
            Behavior::EarlyEnd => {}
            Behavior::Stall => std::future::pending().await,
            Behavior::Trickle => {
                send.write_all(&100_000_u32.to_le_bytes()).await.ok()?;
                loop {
                    send.write_all(&[0]).await.ok()?;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            Behavior::LostConnection => {
                // Everything that was sent arrives first.
                tokio::time::sleep(Duration::from_millis(300)).await;
                connection.close(0_u32.into(), b"gone");
            }
        }
        send.finish().ok()
    }
}

impl ConnectionHandler for Liar {
    fn alpn(&self) -> &'static [u8] {
        CONTENT_ALPN
    }

    fn handle(self: Arc<Self>, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            self.serve(&connection).await;
            connection.closed().await;
        })
    }
}

pub async fn send_frame(send: &mut SendStream, body: &[u8]) -> Option<()> {
    let length = u32::try_from(body.len()).ok()?;
    send.write_all(&length.to_le_bytes()).await.ok()?;
    send.write_all(body).await.ok()
}

struct Scene {
    _folders: [TempDir; 2],
    _listener: Listener,
    node: NetEndpoint,
    store: Store,
    object: ContentId,
    content: Vec<u8>,
    skipped: Arc<Mutex<Vec<u64>>>,
    sent: Arc<AtomicUsize>,
}

async fn start_liar(behavior: Behavior, honest: usize, announced_bytes: u64) -> Scene {
    let (source_folder, source) = new_store();
    let content = sample_bytes(SIZE);
    let object = source.put(&content).unwrap();
    // The root, then its four leaves, found by their first bytes.
    let blocks = blocks_in_order(&source, object);
    assert_eq!(blocks.len(), 5);

    let (skipped, sent) = (Arc::default(), Arc::default());
    let liar = Liar {
        blocks,
        announced_bytes,
        honest,
        behavior,
        skipped: Arc::clone(&skipped),
        sent: Arc::clone(&sent),
    };
    let node = loopback_endpoint().await;
    let listener = listen(&node, Arc::new(liar));
    let (folder, store) = new_store();
    let _folders = [source_folder, folder];
    Scene { _folders, _listener: listener, node, store, object, content, skipped, sent }
}

/// The blocks in the documented order, by an independent reading of the root's links.
pub fn blocks_in_order(store: &Store, object: ContentId) -> Vec<Vec<u8>> {
    let root = store.get_block(&object).unwrap();
    let links = root.windows(34).filter(|window| window.starts_with(&[0x12, 0x20]));
    let leaves = links.map(|link| ContentId::from_digest(link[2..].try_into().unwrap()));
    let leaves: Vec<_> = leaves.map(|leaf| store.get_block(&leaf).unwrap()).collect();
    [vec![root], leaves].concat()
}

impl Scene {
    async fn fetch(&self) -> Result<u64, ContentError> {
        let address = self.node.address().unwrap();
        let client = loopback_endpoint().await;
        let connection = client.connect(&address, CONTENT_ALPN).await.unwrap();
        let fetched = ContentClient::new(connection.clone(), None, BOUNDS)
            .fetch_object(&self.store, self.object, 2 * MIB)
            .await;

        if fetched.as_ref().is_err_and(ContentError::is_fault) {
            assert!(connection.close_reason().is_some(), "the liar is cut off");
        }
        fetched
    }

    fn assert_nothing_kept(&self) {
        assert!(!self.store.has_file(&self.object));
        assert_eq!(count_files(&self.store), 0);
    }
}

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

/// A request for an object, by hand. Returns the streams, of which nothing has been read.
pub async fn send_get(
    connection: &Connection,
    object: ContentId,
    skip_blocks: u64,
    max_bytes: u64,
) -> (SendStream, RecvStream) {
    let (mut send, recv) = connection.open_bi().await.unwrap();
    let mut request = vec![2, 0];
    request.extend(object.digest());
    request.extend(skip_blocks.to_le_bytes());
    request.extend(max_bytes.to_le_bytes());
    send_frame(&mut send, &request).await.unwrap();
    (send, recv)
}

/// The code of the answer: 0 if the request was accepted.
pub async fn read_code(recv: &mut RecvStream) -> u8 {
    let mut answer = [0; 5];
    timeout(Duration::from_secs(5), recv.read_exact(&mut answer)).await.unwrap().unwrap();
    answer[4]
}

pub async fn connect_to(node: &ContentNode) -> (NetEndpoint, Connection) {
    let client = loopback_endpoint().await;
    let connection = client.connect(&node.address(), CONTENT_ALPN).await.unwrap();
    (client, connection)
}

/// Bounds with which readers may be slow.
pub fn patient_bounds() -> ContentBounds {
    ContentBounds { block_timeout: Duration::from_secs(30), ..BOUNDS }
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

pub fn offer_request(object: ContentId) -> Vec<u8> {
    let mut request = vec![3, 0];
    request.extend_from_slice(JOB.as_ref());
    request.extend(object.digest());
    request.extend((SIZE as u64).to_le_bytes());
    request
}
