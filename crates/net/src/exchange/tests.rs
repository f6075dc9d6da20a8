//! Fetching from several peers, of which some do not send what they say that they have; which nodes
//! are asked; offering to several, of which some have no room.

mod chain;

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::Connection;
use nosana_client::{
    Session,
    codec::ProgramAccount,
    jobs::accounts::{Dispute, Job},
    pda,
};
use nosana_job_spec::ContentId;
use nosana_protocol::{dispute::votes::SeatState, job::State};
use nosana_store::Store;
use solana_address::Address;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::{ContentExchange, ExchangeError, REPLICAS, content_exchange::ASKED_HOLDERS};
use crate::SystemClock;
use crate::content::{
    Admission, CONTENT_ALPN, ContentBounds, ContentOffer, ContentRefusal, ContentService,
    HeldBytes, HoldBudget, Requester, rank_holders,
};
use crate::directory::{NodeDirectory, NodeEntry};
use crate::holding::tests::{TestAccount, start_chain};
use crate::transport::{
    ConnectionHandler, EndpointConfig, Listener, ListenerBounds, NetEndpoint, PreferredPeers,
};

const CONTENT: &[u8] = b"a definition";

/// Lets everybody read, and offer as long as there is room.
struct Open {
    store: Store,
    room: HoldBudget,
}

impl Admission for Open {
    type Reservation = HeldBytes;

    async fn find_readable(
        &self,
        _: &Requester,
        object: ContentId,
    ) -> Result<Store, ContentRefusal> {
        let is_here = self.store.has_file(&object);
        is_here.then(|| self.store.clone()).ok_or(ContentRefusal::NotFound)
    }

    async fn reserve_room(
        &self,
        _: &Requester,
        offer: &ContentOffer,
    ) -> Result<HeldBytes, ContentRefusal> {
        self.room.reserve_bytes(offer.job, offer.content_bytes)
    }
}

/// A holder that answers later than others.
struct Late(Arc<ContentService<Open, SystemClock>>);

impl ConnectionHandler for Late {
    fn alpn(&self) -> &'static [u8] {
        CONTENT_ALPN
    }

    fn handle(self: Arc<Self>, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            sleep(Duration::from_millis(300)).await;
            Arc::clone(&self.0).handle(connection).await;
        })
    }
}

/// How a peer misbehaves.
#[derive(Clone, Copy)]
enum Stall {
    /// It has everything, and sends nothing.
    AfterHave,
    /// It answers nothing.
    BeforeHave,
    /// It has everything, and says late that it is busy.
    BeforeBusy,
}

impl ConnectionHandler for Stall {
    fn alpn(&self) -> &'static [u8] {
        CONTENT_ALPN
    }

    fn handle(self: Arc<Self>, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            while let Ok((mut send, mut recv)) = connection.accept_bi().await {
                let mut head = [0; 5];
                let is_have = recv.read_exact(&mut head).await.is_ok() && head[4] == 1;
                // Yes to one object; or the size of an object whose blocks never come.
                let answer: &[u8] = match (*self, is_have) {
                    (Self::AfterHave | Self::BeforeBusy, true) => &[2, 0, 0, 0, 0, 1],
                    (Self::AfterHave, false) => &[9, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0],
                    (Self::BeforeHave, _) => pending().await,
                    (Self::BeforeBusy, false) => {
                        sleep(Duration::from_millis(1_500)).await;
                        &[1, 0, 0, 0, 5]
                    }
                };
                let _ = send.write_all(answer).await;
                if is_have {
                    let _ = send.finish();
                } else {
                    tokio::spawn(async move {
                        let _streams = (send, recv);
                        pending::<()>().await;
                    });
                }
            }
        })
    }
}

async fn loopback_endpoint() -> NetEndpoint {
    NetEndpoint::bind(EndpointConfig::loopback()).await.unwrap()
}

async fn start_peer(number: u8, handler: Arc<dyn ConnectionHandler>) -> (NodeEntry, Listener) {
    let endpoint = loopback_endpoint().await;
    let listener = Listener::spawn(&endpoint, vec![handler], ListenerBounds::default());
    let node = Address::new_from_array([number; 32]);
    (NodeEntry { node, address: endpoint.address().unwrap() }, listener)
}

/// A peer with a store, which keeps so many bytes for others.
struct Holder {
    entry: NodeEntry,
    store: Store,
    _listener: Listener,
    _folder: TempDir,
}

async fn start_holder(number: u8, room_bytes: u64) -> Holder {
    start_bounded(number, room_bytes, ContentBounds::default(), PreferredPeers::default()).await
}

async fn start_bounded(
    number: u8,
    room_bytes: u64,
    bounds: ContentBounds,
    preferred: PreferredPeers,
) -> Holder {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();

    // The service only compares its own id with those in credentials, and there are none.
    let id = loopback_endpoint().await.id();
    let admission = Open { store: store.clone(), room: HoldBudget::new(u64::MAX, room_bytes) };
    let service = ContentService::new(store.clone(), admission, SystemClock, id, bounds);
    let service = service.with_preferred(preferred);
    let (entry, listener) = start_peer(number, Arc::new(Late(Arc::new(service)))).await;
    Holder { entry, store, _listener: listener, _folder: folder }
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_that_stall_do_not_use_up_the_time_of_others() {
    let session = Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1");
    let exchange = ContentExchange::new(loopback_endpoint().await, session, None);
    let (stalling, _stalling) = start_peer(1, Arc::new(Stall::AfterHave)).await;
    let (silent, _silent) = start_peer(2, Arc::new(Stall::BeforeHave)).await;
    let holder = start_holder(3, 0).await;

    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let id = holder.store.put(CONTENT).unwrap();
    let candidates = vec![stalling.clone(), silent.clone(), holder.entry.clone()];
    let until = Instant::now() + Duration::from_secs(8);
    exchange.ask_nodes(candidates.clone(), &store, id, 1_000, until).await.unwrap();
    assert_eq!(store.get(&id, 1_000).unwrap(), CONTENT);
    assert!(exchange.peers.is_slow(&stalling.node));

    // The next object begins with the others.
    let other = tempfile::tempdir().unwrap();
    let store = Store::open(other.path()).unwrap();
    let begun = Instant::now();
    let until = begun + Duration::from_secs(20);
    exchange.ask_nodes(candidates, &store, id, 1_000, until).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());

    // A round with peers that do not answer leaves time for the next one.
    let missing = ContentId::from_digest([9; 32]);
    let begun = Instant::now();
    let until = begun + Duration::from_secs(4);
    let asked = exchange.ask_nodes(vec![silent], &store, missing, 1_000, until).await;
    assert!(asked.is_err());
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_node_is_asked_again_while_others_are_silent() {
    let session = Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1");
    let endpoint = loopback_endpoint().await;
    let exchange = ContentExchange::new(endpoint.clone(), session, None);
    let (silent, _silent) = start_peer(1, Arc::new(Stall::BeforeHave)).await;
    let lacking = start_holder(2, 0).await;
    let preferred = PreferredPeers::default();
    let bounds = ContentBounds { transfers: 0, ..ContentBounds::default() };
    let busy = start_bounded(3, 0, bounds, preferred.clone()).await;

    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let id = busy.store.put(CONTENT).unwrap();
    let begun = Instant::now();
    let freed = preferred.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(1_500)).await;
        freed.set_peers([endpoint.id()]);
    });
    let candidates = vec![silent, lacking.entry.clone(), busy.entry.clone()];
    let until = begun + Duration::from_secs(16);
    exchange.ask_nodes(candidates, &store, id, 1_000, until).await.unwrap();
    assert_eq!(store.get(&id, 1_000).unwrap(), CONTENT);
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());

    // A round does not last longer for nodes that are asked again.
    preferred.set_peers([]);
    let other = tempfile::tempdir().unwrap();
    let store = Store::open(other.path()).unwrap();
    let begun = Instant::now();
    let until = begun + Duration::from_secs(20);
    let candidates = vec![lacking.entry.clone(), busy.entry.clone()];
    let failure = exchange.ask_nodes(candidates, &store, id, 1_000, until).await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let error = failure.describe(2).to_string();
    assert!(error.contains("those that have it were busy"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_says_late_that_it_is_busy_is_not_asked_again_and_again() {
    let session = Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1");
    let exchange = ContentExchange::new(loopback_endpoint().await, session, None);
    let (late, _late) = start_peer(1, Arc::new(Stall::BeforeBusy)).await;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();

    let missing = ContentId::from_digest([9; 32]);
    let until = Instant::now() + Duration::from_secs(20);
    let asked = exchange.ask_nodes(vec![late.clone()], &store, missing, 1_000, until).await;
    let error = asked.unwrap_err().describe(1).to_string();
    assert!(error.contains("those that have it were busy"), "{error}");
    assert!(exchange.peers.is_slow(&late.node), "others come first from now on");
}

/// Offers content to four holders, of which those at these places in the job's order have no room.
/// Returns the places of those that keep it, and how many were asked.
async fn offer_to_four(full: &[usize]) -> (Vec<usize>, usize) {
    const ROOM: u64 = 1 << 20;
    let job = Address::new_from_array([9; 32]);
    let order = rank_holders(&job, (1..=4).map(|number| Address::new_from_array([number; 32])));
    let mut holders = Vec::new();
    for (place, node) in order.iter().enumerate() {
        let room_bytes = if full.contains(&place) { 0 } else { ROOM };
        holders.push(start_holder(node.to_bytes()[0], room_bytes).await);
    }

    let entries = holders.iter().map(|holder| holder.entry.clone()).collect();
    let session = Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1");
    let mut exchange = ContentExchange::new(loopback_endpoint().await, session.clone(), None);
    exchange.directory = NodeDirectory::of_nodes(session, entries);
    let exchange = Arc::new(exchange);

    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let id = store.put(CONTENT).unwrap();
    let offered = exchange.replicate_content(job, &store, &[id], REPLICAS).await.unwrap();

    let keeps = |place: &usize| holders[*place].store.has_file(&id);
    let keepers: Vec<usize> = (0..4).filter(keeps).collect();
    let mut reported = offered.holders.clone();
    reported.sort_unstable_by_key(|node| order.iter().position(|ranked| ranked == node));
    assert_eq!(reported, keepers.iter().map(|place| order[*place]).collect::<Vec<_>>());
    let problem = offered.last_problem.unwrap_or_default();
    assert_eq!(problem.contains("it has no room"), offered.asked > REPLICAS, "{problem}");
    (keepers, offered.asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn three_of_four_holders_keep_content_and_one_that_refuses_is_replaced() {
    assert_eq!(offer_to_four(&[]).await, (vec![0, 1, 2], 3));
    assert_eq!(offer_to_four(&[0]).await, (vec![1, 2, 3], 4));
    assert_eq!(offer_to_four(&[2]).await, (vec![0, 1, 3], 4));

    // The list may be too short.
    assert_eq!(offer_to_four(&[1, 3]).await, (vec![0, 2], 4));
}
