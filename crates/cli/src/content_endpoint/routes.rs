//! The requests of the content endpoint.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
        header::{
            ACCEPT, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, ORIGIN, VARY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
    routing::get,
};
use nosana_job_spec::{ContentId, Digest};
use nosana_store::{MAX_BLOCK_BYTES, Store, StoreError};
use tokio::task::spawn_blocking;

use super::{UploadBudget, origin::may_store};

/// The media type of a block.
const RAW_BLOCK: &str = "application/vnd.ipld.raw";
/// A block never changes: its name is its hash.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// A store that is served.
#[derive(Clone, Debug)]
pub struct BlockEndpoint {
    /// The store.
    pub store: Store,
    /// How much may be stored; `None` stores nothing.
    pub uploads: Option<UploadBudget>,
}

/// The routes of the endpoint.
pub fn block_routes(endpoint: BlockEndpoint) -> Router {
    let limit = usize::try_from(MAX_BLOCK_BYTES).unwrap_or(usize::MAX);
    let block = get(send_block).put(store_block).options(answer_preflight);
    let endpoint = BlockEndpoint { store: endpoint.store.without_sources(), ..endpoint };

    Router::new()
        .route("/ipfs/{cid}", block)
        .layer(DefaultBodyLimit::max(limit))
        .with_state(endpoint)
}

/// Answers `GET` and `HEAD`.
async fn send_block(
    State(endpoint): State<BlockEndpoint>,
    Path(cid): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if !requests_raw(&uri, &headers) {
        let advice = "only single blocks are served: add ?format=raw to the address\n";
        return for_any_page((StatusCode::NOT_ACCEPTABLE, advice));
    }
    let Ok(id) = cid.parse::<ContentId>() else { return for_any_page(invalid_cid()) };

    let reading = spawn_blocking(move || endpoint.store.get_block(&id));
    let block = match reading.await {
        Ok(Ok(block)) => block,
        Ok(Err(StoreError::NotFound { .. })) => {
            return for_any_page((StatusCode::NOT_FOUND, "this store does not have the block\n"));
        }
        Ok(Err(error)) => return for_any_page(failure(error)),
        Err(error) => return for_any_page(failure(error)),
    };

    let named = [
        (CONTENT_TYPE, RAW_BLOCK.to_owned()),
        (CACHE_CONTROL, IMMUTABLE.to_owned()),
        (ETAG, format!("\"{id}.raw\"")),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    let body = if method == Method::HEAD { Vec::new() } else { block };
    for_any_page((named, body))
}

/// Answers `PUT`.
async fn store_block(
    State(endpoint): State<BlockEndpoint>,
    Path(cid): Path<String>,
    headers: HeaderMap,
    block: Bytes,
) -> Response {
    let Some(uploads) = &endpoint.uploads else {
        return (StatusCode::FORBIDDEN, "this server stores nothing\n").into_response();
    };
    if !may_store(&headers) {
        let refusal = "only pages and programs of this machine may store blocks\n";
        return (StatusCode::FORBIDDEN, refusal).into_response();
    }
    let Ok(id) = cid.parse::<ContentId>() else {
        return for_this_page(&headers, invalid_cid());
    };
    if Digest::of(&block) != Digest(id.digest()) {
        let refusal = (StatusCode::BAD_REQUEST, "the bytes have another hash than the address\n");
        return for_this_page(&headers, refusal);
    }
    if !endpoint.store.has_file(&id) && !uploads.take(block.len() as u64) {
        let refusal = "no more may be stored until this server is started again\n";
        return for_this_page(&headers, (StatusCode::INSUFFICIENT_STORAGE, refusal));
    }

    match spawn_blocking(move || endpoint.store.put_block(&block)).await {
        Ok(Ok(_)) => for_this_page(&headers, StatusCode::NO_CONTENT),
        Ok(Err(error)) => for_this_page(&headers, failure(error)),
        Err(error) => for_this_page(&headers, failure(error)),
    }
}

/// Answers the request with which a browser asks whether a page may store.
async fn answer_preflight(headers: HeaderMap) -> Response {
    if !may_store(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }

    let allowed = [
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, PUT"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "content-type, accept"),
    ];
    for_this_page(&headers, (StatusCode::NO_CONTENT, allowed))
}

fn requests_raw(uri: &Uri, headers: &HeaderMap) -> bool {
    let in_query = uri.query().unwrap_or_default().split('&').any(|part| part == "format=raw");
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    in_query || accept.split(',').any(|kind| kind.trim() == RAW_BLOCK)
}

/// Lets every page read the answer: a block is useless without its hash, which the page has.
fn for_any_page(answer: impl IntoResponse) -> Response {
    ([(ACCESS_CONTROL_ALLOW_ORIGIN, "*")], answer).into_response()
}

/// Lets the page that sent the request read the answer.
fn for_this_page(headers: &HeaderMap, answer: impl IntoResponse) -> Response {
    let vary: (HeaderName, HeaderValue) = (VARY, HeaderValue::from_static("origin"));

    match headers.get(ORIGIN) {
        Some(origin) => {
            let allow = (ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            ([vary, allow], answer).into_response()
        }
        None => answer.into_response(),
    }
}

fn invalid_cid() -> (StatusCode, &'static str) {
    (StatusCode::BAD_REQUEST, "the address must end with a CIDv0, which begins with Qm\n")
}

/// Any page may read the answer, so only the log has the error, with its paths.
fn failure(error: impl std::fmt::Display) -> (StatusCode, &'static str) {
    tracing::warn!(%error, "cannot serve a block");
    (StatusCode::INTERNAL_SERVER_ERROR, "the store failed; the log of this server says why\n")
}

#[cfg(test)]
mod tests {
    use axum::serve;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    struct Server {
        address: std::net::SocketAddr,
        store: Store,
        _folder: tempfile::TempDir,
    }

    async fn start_server(bytes: u64) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let uploads = Some(UploadBudget::new(bytes));
        let routes = block_routes(BlockEndpoint { store: store.clone(), uploads });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { serve(listener, routes).await });
        Server { address, store, _folder: folder }
    }

    impl Server {
        /// Sends a request, and returns the answer with its head.
        async fn send(&self, line: &str, headers: &str, body: &[u8]) -> String {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            let length = body.len();
            let head = format!(
                "{line} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n\
                 {headers}\r\n",
                self.address
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(body).await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            String::from_utf8_lossy(&answer).into_owned()
        }
    }

    /// Stores a block, and changes its file.
    fn damage_block(store: &Store) -> ContentId {
        let id = store.put(b"damaged").unwrap();
        let name = Digest(id.digest()).to_string();
        let path = store.folder().join("blocks").join(&name[0..2]).join(&name[2..4]).join(&name);
        std::fs::write(path, "other bytes").unwrap();
        id
    }

    #[tokio::test]
    async fn blocks_are_read_by_their_hash() {
        let server = start_server(0).await;
        let id = server.store.put(b"hello").unwrap();

        let answer = server.send(&format!("GET /ipfs/{id}?format=raw"), "", b"").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("access-control-allow-origin: *"), "{answer}");
        assert!(answer.contains(&format!("etag: \"{id}.raw\"")), "{answer}");
        assert!(answer.ends_with("hello\u{18}\u{5}"), "{answer:?}");

        let accepted = format!("accept: {RAW_BLOCK}\r\n");
        let answer = server.send(&format!("HEAD /ipfs/{id}"), &accepted, b"").await;
        assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("hello"), "{answer}");

        let missing = ContentId::from_digest([9; 32]);
        let damaged = damage_block(&server.store);
        for (address, status) in [
            (format!("/ipfs/{missing}?format=raw"), "404"),
            (format!("/ipfs/{id}"), "406"),
            (format!("/ipfs/{damaged}?format=raw"), "500"),
            ("/ipfs/bafy?format=raw".to_owned(), "400"),
            ("/ipfs/..%2f..%2fetc?format=raw".to_owned(), "400"),
        ] {
            let answer = server.send(&format!("GET {address}"), "", b"").await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{address}: {answer}");
            let folder = server.store.folder().display().to_string();
            assert!(!answer.contains(&folder), "{answer}");
        }
    }

    #[tokio::test]
    async fn pages_of_this_machine_store_blocks_within_a_budget() {
        let server = start_server(10).await;
        let other = Store::open(server.store.folder().join("other")).unwrap();
        let id = other.put(b"hi").unwrap();
        let block = other.get_block(&id).unwrap();
        let put = format!("PUT /ipfs/{id}");

        let foreign = "origin: https://example.com\r\n";
        for (headers, body, status) in [
            (foreign, &block[..], "403"),
            ("", b"other bytes", "400"),
            ("origin: http://localhost:5173\r\n", &block, "204"),
            ("", &block, "204"),
        ] {
            let answer = server.send(&put, headers, body).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{headers}: {answer}");
        }
        assert_eq!(server.store.get(&id, 10).unwrap(), b"hi");

        let preflight = server.send(&format!("OPTIONS /ipfs/{id}"), foreign, b"").await;
        assert!(preflight.starts_with("HTTP/1.1 403"), "{preflight}");

        let next = other.put(b"more").unwrap();
        let block = other.get_block(&next).unwrap();
        let answer = server.send(&format!("PUT /ipfs/{next}"), "", &block).await;
        assert!(answer.starts_with("HTTP/1.1 507"), "{answer}");

        let huge = vec![0; 3 << 20];
        let answer = server.send(&put, "", &huge).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    }
}
