//! What a gateway serves, and how much.

use std::{net::IpAddr, time::Duration};

use crate::hostname::Domain;

/// How a gateway is set up.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// The domain below which jobs have their names.
    pub domain: Domain,
    /// Proxies in front of it, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How much it serves.
    pub bounds: GatewayBounds,
}

/// How much a gateway serves at once.
#[derive(Clone, Copy, Debug)]
pub struct GatewayBounds {
    /// The most connections of visitors.
    pub connections: usize,
    /// The most connections of one visitor; behind a trusted proxy, requests.
    pub per_visitor: usize,
    /// The most requests and WebSockets of one job.
    pub per_job: usize,
    /// The longest time for which a request waits for the bounds of its visitor and its job.
    pub wait_timeout: Duration,
    /// The largest body of a request, in bytes.
    pub body_bytes: u64,
    /// The longest time of a request's head, and between two requests of a connection.
    pub head_timeout: Duration,
    /// The longest time without a byte in either direction, while a job answers.
    pub idle_timeout: Duration,
}

impl GatewayBounds {
    /// The most requests and WebSockets of one visitor to one job: a few visitors cannot take it.
    pub(crate) fn per_visitor_and_job(&self) -> usize {
        (self.per_job / 4).max(1)
    }
}

impl Default for GatewayBounds {
    fn default() -> Self {
        Self {
            connections: 1_024,
            per_visitor: 64,
            per_job: 128,
            wait_timeout: Duration::from_secs(10),
            body_bytes: 100_000_000,
            head_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(300),
        }
    }
}
