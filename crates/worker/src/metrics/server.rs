//! Serves the metrics over HTTP, for a Prometheus on this machine or behind its owner's firewall.

use std::{
    net::SocketAddr,
    sync::Arc,
    thread::{self, JoinHandle},
};

use anyhow::{Context, Result, anyhow};
use tiny_http::{Header, Method, Response, Server};

use super::registry::Metrics;

/// The format that Prometheus accepts and [`Metrics`] writes.
const CONTENT_TYPE: &str =
    "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers `GET /metrics` until this is dropped.
pub struct MetricsServer {
    server: Arc<Server>,
    thread: Option<JoinHandle<()>>,
}

impl MetricsServer {
    /// Listens on `address`; port 0 picks a free one.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub fn start(address: SocketAddr, metrics: Arc<Metrics>) -> Result<Self> {
        let server =
            Server::http(address).map_err(|error| anyhow!("{error}")).with_context(|| {
                format!("cannot serve metrics at {address}: name another address with --metrics")
            })?;
        let content_type =
            CONTENT_TYPE.parse::<Header>().map_err(|()| anyhow!("not a header: {CONTENT_TYPE}"))?;

        let server = Arc::new(server);
        let listening = Arc::clone(&server);
        let thread = thread::spawn(move || answer_requests(&listening, &metrics, &content_type));
        Ok(Self { server, thread: Some(thread) })
    }

    /// The address that the server listens on.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.server_addr().to_ip()
    }
}

fn answer_requests(server: &Server, metrics: &Metrics, content_type: &Header) {
    for request in server.incoming_requests() {
        let path = request.url().split('?').next().unwrap_or_default();

        let answered = if path == "/metrics" && *request.method() == Method::Get {
            request.respond(
                Response::from_string(metrics.encode_text()).with_header(content_type.clone()),
            )
        } else {
            request.respond(
                Response::from_string("the metrics are at /metrics\n").with_status_code(404),
            )
        };

        if let Err(error) = answered {
            tracing::debug!(%error, "the client closed the connection before the response");
        }
    }
}

impl Drop for MetricsServer {
    fn drop(&mut self) {
        self.server.unblock();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream,
    };

    use super::*;

    fn get_path(server: &MetricsServer, path: &str) -> String {
        let mut stream = TcpStream::connect(server.address().unwrap()).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn requests_of_prometheus_are_answered() {
        let server = MetricsServer::start(([127, 0, 0, 1], 0).into(), Arc::default()).unwrap();
        let answer = get_path(&server, "/metrics");
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("nosana_jobs_finished_total 0"),
            "{answer}"
        );
        assert!(get_path(&server, "/").starts_with("HTTP/1.1 404"));
    }
}
