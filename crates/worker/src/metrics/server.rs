//! Serves the metrics over HTTP, for a Prometheus on this machine or behind its owner's firewall.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context, Result};
use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use tokio::{net::TcpListener, task::AbortHandle};

use super::registry::Metrics;

/// The format that Prometheus accepts and [`Metrics`] writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers `GET /metrics` until this is dropped.
pub struct MetricsServer {
    address: SocketAddr,
    task: AbortHandle,
}

impl MetricsServer {
    /// Listens on `address`; port 0 picks a free one.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub async fn start(address: SocketAddr, metrics: Arc<Metrics>) -> Result<Self> {
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("cannot serve metrics at {address}: name another address with --metrics")
        })?;
        let address = listener.local_addr()?;

        let router = Router::new()
            .route("/metrics", get(move || async move { encode_metrics(&metrics) }))
            .fallback(|| async { (StatusCode::NOT_FOUND, "the metrics are at /metrics\n") });
        let serving = async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::warn!(%error, "the metrics are no longer served");
            }
        };
        Ok(Self { address, task: tokio::spawn(serving).abort_handle() })
    }

    /// The address that the server listens on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

fn encode_metrics(metrics: &Metrics) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, OPEN_METRICS)], metrics.encode_text())
}

impl Drop for MetricsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    use super::*;

    async fn get_path(server: &MetricsServer, path: &str) -> String {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();

        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn requests_of_prometheus_are_answered() {
        let server =
            MetricsServer::start(([127, 0, 0, 1], 0).into(), Arc::default()).await.unwrap();
        let answer = get_path(&server, "/metrics").await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("nosana_jobs_finished_total 0"),
            "{answer}"
        );
        assert!(answer.contains("application/openmetrics-text"), "{answer}");
        assert!(get_path(&server, "/").await.starts_with("HTTP/1.1 404"));

        let taken = MetricsServer::start(server.address(), Arc::default()).await.err().unwrap();
        assert!(taken.to_string().contains("--metrics"), "{taken}");
    }
}
