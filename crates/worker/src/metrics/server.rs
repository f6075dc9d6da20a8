//! The metrics over HTTP, for a Prometheus on this machine or behind its owner's firewall.

use std::{
    net::SocketAddr,
    sync::Arc,
    thread::{self, JoinHandle},
};

use anyhow::{Context, Result, anyhow};
use tiny_http::{Header, Method, Response, Server};

use crate::Metrics;

/// What Prometheus asks for, and what the text is.
const CONTENT_TYPE: &str =
    "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers `GET /metrics` until it is dropped.
pub struct MetricsServer {
    server: Arc<Server>,
    answering: Option<JoinHandle<()>>,
}

impl MetricsServer {
    /// Listens at `address`; port 0 picks a free one.
    ///
    /// # Errors
    /// If the address cannot be listened at.
    pub fn start(address: SocketAddr, metrics: Arc<Metrics>) -> Result<Self> {
        let server =
            Server::http(address).map_err(|error| anyhow!("{error}")).with_context(|| {
                format!("cannot serve metrics at {address}: name another address with --metrics")
            })?;
        let content_type =
            CONTENT_TYPE.parse::<Header>().map_err(|()| anyhow!("not a header: {CONTENT_TYPE}"))?;
        let server = Arc::new(server);
        let listening = Arc::clone(&server);
        let answering = thread::spawn(move || answer(&listening, &metrics, &content_type));
        Ok(Self { server, answering: Some(answering) })
    }

    /// Where it listens.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.server_addr().to_ip()
    }
}

fn answer(server: &Server, metrics: &Metrics, content_type: &Header) {
    for request in server.incoming_requests() {
        let path = request.url().split('?').next().unwrap_or_default();
        let answered = if path == "/metrics" && *request.method() == Method::Get {
            request.respond(Response::from_string(metrics.text()).with_header(content_type.clone()))
        } else {
            request.respond(
                Response::from_string("the metrics are at /metrics\n").with_status_code(404),
            )
        };
        if let Err(error) = answered {
            tracing::debug!(%error, "somebody asked for metrics and hung up");
        }
    }
}

impl Drop for MetricsServer {
    fn drop(&mut self) {
        self.server.unblock();
        if let Some(answering) = self.answering.take() {
            let _ = answering.join();
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

    fn get(server: &MetricsServer, path: &str) -> String {
        let mut stream = TcpStream::connect(server.address().unwrap()).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn prometheus_is_answered() {
        let server = MetricsServer::start(([127, 0, 0, 1], 0).into(), Arc::default()).unwrap();
        let answer = get(&server, "/metrics");
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("nosana_jobs_finished_total 0"),
            "{answer}"
        );
        assert!(get(&server, "/").starts_with("HTTP/1.1 404"));
    }
}
