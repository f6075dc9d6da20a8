//! A server that misbehaves, and a client's attempts to fetch an object from it.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iroh::endpoint::{Connection, SendStream};
use nosana_job_spec::ContentId;
use nosana_net::content::{CONTENT_ALPN, ContentClient, ContentError};
use nosana_net::transport::{ConnectionHandler, Listener, NetEndpoint};
use nosana_store::Store;
use tempfile::TempDir;

use crate::fixture::by_hand::{SIZE, blocks_in_order, send_frame};
use crate::fixture::{
    BOUNDS, MIB, count_files, listen, loopback_endpoint, new_store, sample_bytes,
};

/// How a server misbehaves after it has sent `honest` blocks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Behavior {
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

pub(super) struct Scene {
    _folders: [TempDir; 2],
    _listener: Listener,
    node: NetEndpoint,
    pub(super) store: Store,
    pub(super) object: ContentId,
    pub(super) content: Vec<u8>,
    pub(super) skipped: Arc<Mutex<Vec<u64>>>,
    pub(super) sent: Arc<AtomicUsize>,
}

pub(super) async fn start_liar(behavior: Behavior, honest: usize, announced_bytes: u64) -> Scene {
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

impl Scene {
    pub(super) async fn fetch(&self) -> Result<u64, ContentError> {
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

    pub(super) fn assert_nothing_kept(&self) {
        assert!(!self.store.has_file(&self.object));
        assert_eq!(count_files(&self.store), 0);
    }
}
