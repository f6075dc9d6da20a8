//! Counters of a server, for Prometheus and for its owner.

use std::{
    borrow::Cow,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// The labels of a request: its endpoint and the status of its response.
type Labels = [(&'static str, Cow<'static, str>); 2];

/// The bounds of the histogram of times to the first token, in seconds.
const FIRST_TOKEN_BOUNDS: [f64; 12] =
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// What a server did for its clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerUsage {
    /// Requests for answers and embeddings, refused ones included.
    pub requests: u64,
    /// Those of them that were refused or failed, also in the middle of an answer.
    pub failed_requests: u64,
    /// Tokens of texts that the model read.
    pub prompt_tokens: u64,
    /// Tokens that the model generated.
    pub generated_tokens: u64,
}

/// The counters of a server.
pub(crate) struct ServerMetrics {
    registry: Registry,
    responses: Family<Labels, Counter>,
    prompt_tokens: Counter,
    generated_tokens: Counter,
    failed_streams: Counter,
    first_token: Histogram,
    pub running: Gauge,
    pub waiting: Gauge,
    requests: AtomicU64,
    failed_requests: AtomicU64,
}

impl Default for ServerMetrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("nosana_serve"),
            responses: Family::default(),
            prompt_tokens: Counter::default(),
            generated_tokens: Counter::default(),
            failed_streams: Counter::default(),
            first_token: Histogram::new(FIRST_TOKEN_BOUNDS),
            running: Gauge::default(),
            waiting: Gauge::default(),
            requests: AtomicU64::new(0),
            failed_requests: AtomicU64::new(0),
        };
        metrics.register_all();
        metrics
    }
}

impl ServerMetrics {
    fn register_all(&mut self) {
        let registry = &mut self.registry;

        let help = "Requests, by endpoint and status; 499 is a client that left";
        registry.register("requests", help, self.responses.clone());
        let help = "Tokens of texts that the model read";
        registry.register("prompt_tokens", help, self.prompt_tokens.clone());
        let help = "Tokens that the model generated";
        registry.register("generated_tokens", help, self.generated_tokens.clone());
        let help = "Streams that ended with an error after their beginning";
        registry.register("failed_streams", help, self.failed_streams.clone());
        let help = "Answers and embeddings that the model computes";
        registry.register("running_requests", help, self.running.clone());
        let help = "Answers and embeddings that wait for their first token or their turn";
        registry.register("waiting_requests", help, self.waiting.clone());
        registry.register_with_unit(
            "first_token",
            "Time from a request to the first token of its answer",
            Unit::Seconds,
            self.first_token.clone(),
        );
    }

    /// Counts a request for an answer or embeddings that arrived.
    pub(crate) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request for an answer or embeddings that was refused or failed.
    pub(crate) fn count_failure(&self) {
        self.failed_requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a stream that ended with an error. Its response had the status of a success.
    pub(crate) fn count_failed_stream(&self) {
        self.failed_streams.inc();
        self.count_failure();
    }

    /// Counts the response to a request.
    pub(crate) fn count_response(&self, endpoint: &'static str, status: u16) {
        let labels = [("endpoint", endpoint.into()), ("status", status.to_string().into())];
        self.responses.get_or_create(&labels).inc();
    }

    /// Counts what the model read and generated.
    pub(crate) fn count_tokens(&self, prompt: usize, generated: usize) {
        self.prompt_tokens.inc_by(prompt as u64);
        self.generated_tokens.inc_by(generated as u64);
    }

    /// Notes how long a request waited for the first token.
    pub(crate) fn observe_first_token(&self, time: Duration) {
        self.first_token.observe(time.as_secs_f64());
    }

    /// Returns what was used so far.
    pub(crate) fn read_usage(&self) -> ServerUsage {
        ServerUsage {
            requests: self.requests.load(Ordering::Relaxed),
            failed_requests: self.failed_requests.load(Ordering::Relaxed),
            prompt_tokens: self.prompt_tokens.get(),
            generated_tokens: self.generated_tokens.get(),
        }
    }

    /// Returns the metrics as text.
    pub(crate) fn encode_text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_counted_and_written() {
        let metrics = ServerMetrics::default();
        metrics.count_request();
        metrics.count_response("chat", 200);
        metrics.count_tokens(7, 3);
        metrics.observe_first_token(Duration::from_millis(30));
        metrics.count_failed_stream();
        metrics.running.inc();

        let text = metrics.encode_text();
        for line in [
            "nosana_serve_requests_total{endpoint=\"chat\",status=\"200\"} 1",
            "nosana_serve_prompt_tokens_total 7",
            "nosana_serve_generated_tokens_total 3",
            "nosana_serve_failed_streams_total 1",
            "nosana_serve_running_requests 1",
            "nosana_serve_waiting_requests 0",
            "nosana_serve_first_token_seconds_bucket{le=\"0.025\"} 0",
            "nosana_serve_first_token_seconds_bucket{le=\"0.05\"} 1",
            "nosana_serve_first_token_seconds_count 1",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        let usage =
            ServerUsage { requests: 1, failed_requests: 1, prompt_tokens: 7, generated_tokens: 3 };
        assert_eq!(metrics.read_usage(), usage);
    }
}
