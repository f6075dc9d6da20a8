//! Health and metrics of a gateway, for its owner.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};

use crate::metrics::GatewayMetrics;

/// The format that Prometheus accepts and [`GatewayMetrics`] writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The most connections at once. Others wait in the system's queue.
const MAX_CONNECTIONS: usize = 16;
/// The longest time of a request's head, and of a connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(60);
/// How long to wait if the system refuses another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers `GET /metrics` and `GET /health` until this is dropped.
#[derive(Debug)]
pub struct AdminServer {
    address: SocketAddr,
    task: AbortHandle,
}

impl AdminServer {
    /// Listens on `address`; port 0 picks a free one.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub async fn start(address: SocketAddr, metrics: Arc<GatewayMetrics>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;

        let router = Router::new()
            .route("/health", get(|| async { "ok\n" }))
            .route("/metrics", get(move || async move { encode_metrics(&metrics) }))
            .fallback(|| async { (StatusCode::NOT_FOUND, "there are /health and /metrics\n") });
        let serving = accept_all(listener, router);
        Ok(Self { address, task: tokio::spawn(serving).abort_handle() })
    }

    /// The address that the server listens on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Never ends by itself. The files of the process are for visitors, so only a few are used here.
async fn accept_all(listener: TcpListener, router: Router) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();

    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}

        match listener.accept().await {
            Ok((stream, _)) => {
                let router = router.clone();
                connections.spawn(async move {
                    let _permit = permit;
                    let _ = timeout(CONNECTION_TIMEOUT, serve_one(stream, router)).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection for metrics");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve_one(stream: TcpStream, router: Router) {
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await;

    if let Err(error) = served {
        tracing::debug!(%error, "a connection for metrics ended");
    }
}

fn encode_metrics(metrics: &GatewayMetrics) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, OPEN_METRICS)], metrics.encode_text())
}

impl Drop for AdminServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn connections_that_say_nothing_keep_nobody_out() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = AdminServer::start(any, Arc::default()).await.unwrap();
        let mut silent = Vec::new();
        for _ in 0..MAX_CONNECTIONS * 2 {
            silent.push(TcpStream::connect(server.address()).await.unwrap());
        }

        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let request = b"GET /health HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        let reading = timeout(HEAD_TIMEOUT * 4, stream.read_to_string(&mut answer));
        reading.await.expect("the silent ones are closed").unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{answer}");
    }
}
