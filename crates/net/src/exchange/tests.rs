//! Fetching from several peers, of which some do not send what they say that they have.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::Connection;
use nosana_client::Session;
use nosana_job_spec::ContentId;
use nosana_store::Store;
use solana_address::Address;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::ContentExchange;
use crate::SystemClock;
use crate::content::{
    Admission, CONTENT_ALPN, ContentBounds, ContentOffer, ContentRefusal, ContentService,
    HeldBytes, Requester,
};
use crate::directory::NodeEntry;
use crate::transport::{ConnectionHandler, EndpointConfig, Listener, ListenerBounds, NetEndpoint};

const CONTENT: &[u8] = b"a definition";

/// Lets everybody read.
struct Open(Store);

impl Admission for Open {
    type Reservation = HeldBytes;

    async fn find_readable(
        &self,
        _: &Requester,
        object: ContentId,
    ) -> Result<Store, ContentRefusal> {
        let is_here = self.0.has_file(&object);
        is_here.then(|| self.0.clone()).ok_or(ContentRefusal::NotFound)
    }

    async fn reserve_room(
        &self,
        _: &Requester,
        _: &ContentOffer,
    ) -> Result<HeldBytes, ContentRefusal> {
        Err(ContentRefusal::NotAdmitted)
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
                    (Self::AfterHave, true) => &[2, 0, 0, 0, 0, 1],
                    (Self::AfterHave, false) => &[9, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0],
                    (Self::BeforeHave, _) => pending().await,
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

async fn start_holder(number: u8) -> (NodeEntry, Listener, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.put(CONTENT).unwrap();

    // The service only compares its own id with those in credentials, and there are none.
    let id = loopback_endpoint().await.id();
    let admission = Open(store.clone());
    let service = ContentService::new(store, admission, SystemClock, id, ContentBounds::default());
    let (entry, listener) = start_peer(number, Arc::new(Late(Arc::new(service)))).await;
    (entry, listener, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_that_stall_do_not_use_up_the_time_of_others() {
    let session = Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1");
    let exchange = ContentExchange::new(loopback_endpoint().await, session, None);
    let (stalling, _stalling) = start_peer(1, Arc::new(Stall::AfterHave)).await;
    let (silent, _silent) = start_peer(2, Arc::new(Stall::BeforeHave)).await;
    let (holder, _holder, _folder) = start_holder(3).await;

    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let id = Store::open(_folder.path()).unwrap().put(CONTENT).unwrap();
    let candidates = vec![stalling.clone(), silent.clone(), holder];
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
