//! One connection with its bounds.

use std::{sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::net::TcpStream;

use crate::{
    stalled_reader::StallGuard,
    state::{Phase, ServerState},
};

/// How long the head of a request may take, and how long a connection may be idle between requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may leave what was written to it unread.
const UNREAD_TIMEOUT: Duration = Duration::from_secs(60);
/// The most headers of a request.
const MAX_HEADERS: usize = 64;
/// The largest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// The most bytes that a connection holds back for reading and for writing, each.
const MAX_BUFFER_BYTES: usize = 64 * 1024;

/// Serves the requests of one connection, until the client leaves or the server ends.
pub(crate) async fn serve_connection(stream: TcpStream, router: Router, state: Arc<ServerState>) {
    // Tokens are small, and each is sent at once.
    let _ = stream.set_nodelay(true);
    let guarded = TokioIo::new(StallGuard::new(stream, UNREAD_TIMEOUT));
    let service = TowerToHyperService::new(router);

    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEAD_BYTES)
        .max_buf_size(MAX_BUFFER_BYTES)
        .serve_connection(guarded, service);
    let mut connection = std::pin::pin!(connection);

    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = state.wait_phase(Phase::Draining) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection ended: {error}");
    }
}
