//! Content that is shared through an IPFS node's HTTP API. The node is a mock that serves
//! `block/put`, `block/get` and `pin/rm` as Kubo's documentation describes them, and can return
//! wrong blocks. `ipfs_node.rs` uses a node of the IPFS project.

use std::{
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    http::{StatusCode, Uri},
    routing::post,
};
use nosana_job_spec::{ContentId, Digest};
use nosana_store::{FileSource, Store, StoreError};

type Blocks = Arc<Mutex<HashMap<String, Vec<u8>>>>;
type Answer = (StatusCode, Vec<u8>);

struct Node {
    address: SocketAddr,
    blocks: Blocks,
}

impl Node {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let node = Self { address: listener.local_addr().unwrap(), blocks: Arc::default() };
        let blocks = Arc::clone(&node.blocks);
        thread::spawn(move || serve(listener, blocks));
        node
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn serve(listener: TcpListener, blocks: Blocks) {
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();

    // The API accepts nothing else than POST.
    let call = move |uri: Uri, body: Bytes| async move {
        answer_call(&mut blocks.lock().unwrap(), &uri.to_string(), &body)
    };
    axum::serve(listener, Router::new().fallback_service(post(call))).await.unwrap();
}

fn answer_call(blocks: &mut HashMap<String, Vec<u8>>, url: &str, body: &[u8]) -> Answer {
    let refuse = |message: &str| {
        let body = format!("{{\"Message\":\"{message}\"}}").into_bytes();
        (StatusCode::INTERNAL_SERVER_ERROR, body)
    };

    if let Some(query) = url.strip_prefix("/api/v0/block/get?arg=") {
        return match blocks.get(query.split('&').next().unwrap()) {
            Some(block) => (StatusCode::OK, block.clone()),
            None => refuse("block was not found"),
        };
    }
    if let Some(id) = url.strip_prefix("/api/v0/pin/rm?arg=") {
        return match blocks.remove(id) {
            Some(_) => (StatusCode::OK, b"{}".to_vec()),
            None => refuse("not pinned or pinned indirectly"),
        };
    }

    if url != "/api/v0/block/put?cid-codec=dag-pb&mhtype=sha2-256&pin=true" {
        return refuse("unknown command");
    }
    let start = body.windows(4).position(|at| at == b"\r\n\r\n").unwrap() + 4;
    let end = body.windows(4).rposition(|at| at == b"\r\n--").unwrap();
    let block = body[start..end].to_vec();
    let id = ContentId::from_digest(Digest::of(&block).0).to_string();
    blocks.insert(id.clone(), block);
    (StatusCode::OK, format!("{{\"Key\":\"{id}\"}}").into_bytes())
}

fn store(node: &Node) -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Store::open(folder.path()).unwrap().with_ipfs(&node.url()), folder)
}

#[test]
fn one_machine_reads_what_another_one_stored() {
    let node = Node::start();
    let ((here, _here), (there, folder)) = (store(&node), store(&node));
    let content: Vec<u8> = (0..600_000_u32).map(|i| (i % 253) as u8).collect();
    let id = here.put(&content).unwrap();
    assert_eq!(there.get(&id, 1 << 20).unwrap(), content);

    // The second machine has a copy of its own now.
    let alone = Store::open(folder.path()).unwrap();
    assert_eq!(alone.get(&id, 1 << 20).unwrap(), content);
}

#[test]
fn blocks_from_the_node_are_checked() {
    let node = Node::start();
    let (store, _folder) = store(&node);
    let id = ContentId::from_digest(Digest::of(b"something else").0);
    let missing = store.get(&id, 100).unwrap_err();
    assert!(
        matches!(missing, StoreError::Ipfs { .. }) && missing.to_string().contains("not found"),
        "{missing}"
    );
    node.blocks.lock().unwrap().insert(id.to_string(), b"a lie".to_vec());
    let lie = store.get(&id, 100).unwrap_err();
    assert!(lie.to_string().contains("another block"), "{lie}");

    let unreachable = Store::open(_folder.path()).unwrap().with_ipfs("http://127.0.0.1:9");
    let refused = unreachable.put(b"hello").unwrap_err().to_string();
    assert!(refused.contains("start it"), "{refused}");
}

/// Other machines that do not have a file, or that this one cannot ask.
#[derive(Clone, Copy, Debug)]
enum Others {
    /// To learn that takes the whole time.
    Lack,
    Unreachable,
}

impl FileSource for Others {
    fn fetch_file(
        &self,
        _: &Store,
        id: &ContentId,
        _: u64,
        until: Option<Instant>,
    ) -> Result<(), StoreError> {
        let problem = String::new();
        match self {
            Self::Lack => {
                thread::sleep(until.unwrap().saturating_duration_since(Instant::now()));
                Err(StoreError::Source { id: *id, problem })
            }
            Self::Unreachable => Err(StoreError::Unable { id: *id, problem }),
        }
    }
}

#[test]
fn a_source_leaves_time_for_the_node() {
    let node = Node::start();
    let ((here, _here), (there, _there)) = (store(&node), store(&node));
    let id = here.put(b"content").unwrap();
    let deadline = Instant::now() + Duration::from_secs(4);
    let there = there.with_source(Arc::new(Others::Lack)).with_deadline(deadline);
    assert_eq!(there.get(&id, 100).unwrap(), b"content");
}

#[test]
fn a_node_without_a_file_does_not_say_that_nobody_has_it() {
    let node = Node::start();
    let missing = ContentId::from_digest([9; 32]);
    let is_own_trouble = |others: Others| {
        let (store, _folder) = store(&node);
        let deadline = Instant::now() + Duration::from_secs(4);
        let store = store.with_source(Arc::new(others)).with_deadline(deadline);
        store.get(&missing, 100).unwrap_err().is_own_trouble()
    };
    assert!(is_own_trouble(Others::Unreachable));
    assert!(!is_own_trouble(Others::Lack));
}

#[test]
fn unused_blocks_are_unpinned() {
    let node = Node::start();
    let (store, folder) = store(&node);
    store.put(b"kept by both").unwrap();
    let fetched = store.put(b"kept here").unwrap();
    node.blocks.lock().unwrap().remove(&fetched.to_string());
    let away = Store::open(folder.path()).unwrap().with_ipfs("http://127.0.0.1:9");
    assert!(away.collect_garbage(Duration::ZERO).unwrap_err().to_string().contains("start it"));
    assert_eq!(
        store.collect_garbage(Duration::ZERO).unwrap().files,
        2,
        "both were kept after the failure and are removed now"
    );
    assert!(node.blocks.lock().unwrap().is_empty());
}

#[test]
fn the_node_gets_no_request_after_the_deadline() {
    let node = Node::start();
    let (first, _kept) = store(&node);
    let id = first.put(b"somewhere else").unwrap();
    let (second, _also) = store(&node);
    let late = second.clone().with_deadline(std::time::Instant::now()).get(&id, 1_000).unwrap_err();
    assert!(late.to_string().contains("no time is left"), "{late}");
    assert_eq!(second.get(&id, 1_000).unwrap(), b"somewhere else");
}
