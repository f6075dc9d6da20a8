//! `nosana gateway run`: serve public URLs for ports of jobs.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Args;
use nosana_gateway::{AdminServer, Domain, Gateway, GatewayBounds, GatewayConfig, LINE_STREAMS};
use nosana_net::{
    raise_file_limit,
    transport::{EndpointConfig, NetEndpoint},
};

use crate::{
    commands::{
        client_network::{
            close_at_end, default_reach, default_relays, default_sockets, is_local_url,
        },
        connection::ConnectionOptions,
        size::ByteSize,
    },
    shutdown,
};

/// Files that are not for visitors: the chain, nodes, metrics.
const OTHER_FILES: usize = 128;

/// Configuration of a gateway. It requires no key and no store.
#[derive(Debug, Args)]
pub struct RunGatewayOptions {
    /// Domain below which jobs have their names, such as jobs.example.com; its wildcard leads here
    #[arg(long)]
    domain: Domain,
    /// Address to listen on, for a reverse proxy with TLS
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8088")]
    listen: SocketAddr,
    /// Address of a reverse proxy whose X-Forwarded-For and X-Forwarded-Proto are believed; may be
    /// given several times
    #[arg(long = "trust-proxy", value_name = "IP")]
    trusted_proxies: Vec<IpAddr>,
    /// Address to serve Prometheus metrics and the gateway's health at, such as 127.0.0.1:9466; who
    /// reaches it reads them
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
    /// Most connections at once, as far as the system lets this process open files
    #[arg(long, value_name = "COUNT", default_value_t = 1_024, value_parser = parse_count)]
    max_connections: usize,
    /// Most connections of one visitor at once; behind a trusted proxy, requests
    #[arg(long, value_name = "COUNT", default_value_t = 64, value_parser = parse_count)]
    max_per_visitor: usize,
    /// Most requests and WebSockets of one job at once; a quarter of them of one visitor
    #[arg(long, value_name = "COUNT", default_value_t = 128, value_parser = parse_count)]
    max_per_job: usize,
    /// Longest time for which a request waits while its visitor or its job has too many, in seconds
    #[arg(
        long, value_name = "SECONDS", default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(..=60)
    )]
    max_wait: u32,
    /// Largest body of a request; one that arrives slower than 1 KiB a second is broken off
    #[arg(long, value_name = "SIZE", default_value = "100MB")]
    max_body: ByteSize,
    /// Longest time without a byte in either direction while a job answers, in seconds; nodes end
    /// such connections after 6 minutes
    #[arg(
        long, value_name = "SECONDS", default_value_t = 300,
        value_parser = clap::value_parser!(u32).range(1..=330)
    )]
    idle_timeout: u32,
    #[command(flatten)]
    connection: ConnectionOptions,
}

impl RunGatewayOptions {
    fn config(&self) -> GatewayConfig {
        let bounds = GatewayBounds {
            connections: limit_connections(self.max_connections),
            per_visitor: self.max_per_visitor,
            per_job: self.max_per_job,
            wait_timeout: Duration::from_secs(self.max_wait.into()),
            body_bytes: self.max_body.0,
            idle_timeout: Duration::from_secs(self.idle_timeout.into()),
            ..GatewayBounds::default()
        };
        let trusted_proxies = self.trusted_proxies.iter().map(IpAddr::to_canonical).collect();
        GatewayConfig { domain: self.domain.clone(), trusted_proxies, bounds }
    }
}

/// Serves until a signal.
pub async fn run_gateway(options: RunGatewayOptions) -> Result<()> {
    let session = options.connection.open_session().await?;
    let endpoint = bind_endpoint(&options.connection).await?;
    let config = options.config();
    let domain = config.domain.clone();

    let gateway = Gateway::bind(options.listen, config, session, endpoint).await;
    let gateway = gateway.with_context(|| {
        format!("cannot listen on {}; name another address with --listen", options.listen)
    })?;
    let address = gateway.local_addr()?;

    let admin = match options.metrics {
        Some(address) => {
            Some(AdminServer::start(address, gateway.metrics()).await.with_context(|| {
                format!("cannot serve metrics at {address}; name another address with --metrics")
            })?)
        }
        None => None,
    };

    println!("gateway    http://{address} for *.{domain}");
    if let Some(admin) = &admin {
        println!("metrics    http://{}/metrics and /health", admin.address());
        if !admin.address().ip().is_loopback() {
            tracing::warn!("other machines may reach the metrics; let a firewall decide which");
        }
    }
    gateway.run(shutdown::wait_for_signal()).await;
    Ok(())
}

/// Binds an endpoint from which nodes are dialed, with a new key.
async fn bind_endpoint(connection: &ConnectionOptions) -> Result<NetEndpoint> {
    let is_local = is_local_url(&connection.find_url()?);
    let config = EndpointConfig {
        relays: connection.relays()?.unwrap_or_else(|| default_relays(is_local)),
        sockets: default_sockets(is_local, 0),
        reach: default_reach(is_local),
        unread_streams: Some(LINE_STREAMS),
        ..EndpointConfig::loopback()
    };

    let endpoint = NetEndpoint::bind(config).await.context("cannot open an endpoint")?;
    close_at_end(&endpoint);
    Ok(endpoint)
}

/// As many connections as this process has files for. Without a file for it, a visitor would hang
/// instead of getting a response, and the chain could not be read.
fn limit_connections(wanted: usize) -> usize {
    let possible = raise_file_limit().saturating_sub(OTHER_FILES).max(1);
    if possible < wanted {
        tracing::warn!(
            "this process may open files for {possible} connections only; raise its limit \
             (`ulimit -n`) for {wanted}"
        );
    }
    wanted.min(possible)
}

fn parse_count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=1_000_000).contains(count));
    count.ok_or_else(|| format!("`{text}` is not a count from 1 to 1000000"))
}
