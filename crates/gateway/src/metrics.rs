//! What a gateway has done since its process began, in the text format of OpenMetrics.

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use crate::refusal::Outcome;

type Label = [(&'static str, &'static str); 1];

/// The metrics of one gateway.
#[derive(Debug)]
pub struct GatewayMetrics {
    registry: Registry,
    requests: Family<Label, Counter>,
    connections: Gauge,
    tunnels: Gauge,
    refused_connections: Counter,
}

/// Something that is open now; it is counted until this is dropped.
#[derive(Debug)]
pub(crate) struct OpenCount(Gauge);

impl Default for GatewayMetrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("nosana_gateway"),
            requests: Family::default(),
            connections: Gauge::default(),
            tunnels: Gauge::default(),
            refused_connections: Counter::default(),
        };
        metrics.register_all();
        metrics
    }
}

impl GatewayMetrics {
    /// Returns the metrics as text.
    pub(crate) fn encode_text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }

    fn register_all(&mut self) {
        let registry = &mut self.registry;

        registry.register(
            "requests",
            "Requests by how they ended: `answered` is a response of the job, whatever its status",
            self.requests.clone(),
        );
        registry.register("connections", "Open connections of visitors", self.connections.clone());
        registry.register("websockets", "Open WebSockets", self.tunnels.clone());
        registry.register(
            "refused_connections",
            "Connections over a bound, of one visitor or in all",
            self.refused_connections.clone(),
        );
    }

    pub(crate) fn count_request(&self, outcome: Outcome) {
        self.requests.get_or_create(&[("outcome", outcome.label())]).inc();
    }

    pub(crate) fn count_refused_connection(&self) {
        self.refused_connections.inc();
    }

    pub(crate) fn open_connection(&self) -> OpenCount {
        OpenCount::new(&self.connections)
    }

    pub(crate) fn open_tunnel(&self) -> OpenCount {
        OpenCount::new(&self.tunnels)
    }
}

impl OpenCount {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for OpenCount {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_connections_are_counted() {
        let metrics = GatewayMetrics::default();
        metrics.count_request(Outcome::Answered);
        metrics.count_request(Outcome::NotPublic);
        let open = metrics.open_connection();
        drop(metrics.open_tunnel());

        let text = metrics.encode_text();
        for line in [
            "nosana_gateway_requests_total{outcome=\"answered\"} 1",
            "nosana_gateway_requests_total{outcome=\"not_public\"} 1",
            "nosana_gateway_connections 1",
            "nosana_gateway_websockets 0",
            "nosana_gateway_refused_connections_total 0",
        ] {
            assert!(text.lines().any(|each| each == line), "{line} is not in\n{text}");
        }
        drop(open);
        assert!(metrics.encode_text().contains("nosana_gateway_connections 0"));
    }
}
