//! The endpoint of a command: content from nodes, and for them. It is bound when it is first
//! needed, with a new key each time.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nosana_client::Session;
use nosana_job_spec::ContentId;
use nosana_net::{
    exchange::{ContentExchange, JobSource, PrivateSource, Replication, list_input_content},
    job::CredentialSource,
    transport::{EndpointConfig, LocalSockets, NetEndpoint, Reach, RelayChoice},
};
use nosana_store::{FileSource, Store, StoreError};
use solana_address::Address;
use tokio::{
    runtime::Handle,
    sync::OnceCell,
    task::{JoinSet, block_in_place, spawn_blocking},
    time::timeout,
};

/// The endpoints that this process has bound. They are closed when it ends: a peer would otherwise
/// wait for an endpoint that was only dropped. They stay here: the transport logs an error if one
/// is dropped whose closing took too long or was cut off by a signal.
static OPEN_ENDPOINTS: Mutex<Vec<NetEndpoint>> = Mutex::new(Vec::new());
/// The longest time of closing one. A peer that is gone acknowledges nothing.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Closes the endpoints of this process.
pub async fn close_endpoints() {
    let endpoints = lock_open_endpoints().clone();
    let mut closing = JoinSet::new();

    for endpoint in endpoints {
        closing.spawn(async move { close_endpoint(&endpoint).await });
    }
    while closing.join_next().await.is_some() {}
}

/// Closes an endpoint now. Its peers learn of it at once, or not at all.
pub async fn close_endpoint(endpoint: &NetEndpoint) {
    let _ = timeout(CLOSE_TIMEOUT, endpoint.close()).await;
}

/// Closes an endpoint when this process ends.
pub fn close_at_end(endpoint: &NetEndpoint) {
    lock_open_endpoints().push(endpoint.clone());
}

fn lock_open_endpoints() -> MutexGuard<'static, Vec<NetEndpoint>> {
    OPEN_ENDPOINTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the command's endpoint reaches others. Clones share the endpoint.
#[derive(Clone, Debug)]
pub struct ClientNetwork {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    session: Session,
    /// `None` unless the user chooses.
    relays: Option<RelayChoice>,
    is_local: bool,
    exchange: OnceCell<Arc<ContentExchange>>,
}

impl ClientNetwork {
    /// The network of a command that uses the RPC server at `url`.
    pub fn new(session: Session, url: &str, relays: Option<RelayChoice>) -> Self {
        let is_local = is_local_url(url);
        let exchange = OnceCell::new();
        Self { shared: Arc::new(Shared { session, relays, is_local, exchange }) }
    }

    /// The relays, if the user has chosen them.
    pub fn chosen_relays(&self) -> Option<RelayChoice> {
        self.shared.relays.clone()
    }

    /// The exchange over the command's endpoint.
    pub async fn exchange(&self) -> Result<Arc<ContentExchange>> {
        let bound = self.shared.exchange.get_or_try_init(|| self.bind_exchange()).await?;
        Ok(Arc::clone(bound))
    }

    async fn bind_exchange(&self) -> Result<Arc<ContentExchange>> {
        let is_local = self.shared.is_local;
        let config = EndpointConfig {
            relays: self.chosen_relays().unwrap_or_else(|| default_relays(is_local)),
            sockets: default_sockets(is_local, 0),
            reach: default_reach(is_local),
            ..EndpointConfig::loopback()
        };
        let endpoint = NetEndpoint::bind(config).await.context("cannot open an endpoint")?;
        close_at_end(&endpoint);
        Ok(Arc::new(ContentExchange::new(endpoint, self.shared.session.clone(), None)))
    }

    /// The store with the content of a job: what is missing comes from nodes. With credentials, the
    /// job is private, and it comes from its own node.
    pub fn job_store(
        &self,
        store: &Store,
        job: Address,
        credentials: Option<Arc<dyn CredentialSource>>,
    ) -> Store {
        let (network, runtime) = (self.clone(), Handle::current());
        let source = ClientSource { network, job, credentials, runtime };
        store.clone().with_source(Arc::new(source))
    }

    /// Gives the definition and the inputs of a listed job to nodes that keep them until a node has
    /// run it, so that this machine may go. `None` if no node says where it can be reached.
    pub async fn replicate_inputs(
        &self,
        store: &Store,
        job: Address,
        definition: ContentId,
        replicas: usize,
    ) -> Result<Option<Replication>> {
        let exchange = self.exchange().await?;
        if exchange.directory().list_nodes().await?.is_empty() {
            return Ok(None);
        }

        let local = store.without_sources();
        let contents = spawn_blocking(move || list_input_content(&local, &definition)).await??;
        let replicated = exchange.replicate_content(job, store, &contents, replicas).await?;
        Ok(Some(replicated))
    }
}

/// Fetches content of a job. Binds the endpoint only if something is missing.
struct ClientSource {
    network: ClientNetwork,
    job: Address,
    credentials: Option<Arc<dyn CredentialSource>>,
    runtime: Handle,
}

impl FileSource for ClientSource {
    fn fetch_file(
        &self,
        store: &Store,
        id: &ContentId,
        max_bytes: u64,
        until: Option<Instant>,
    ) -> Result<(), StoreError> {
        let bound = block_in_place(|| self.runtime.block_on(self.network.exchange()));
        let exchange =
            bound.map_err(|error| StoreError::Unable { id: *id, problem: format!("{error:#}") })?;

        let _runtime = self.runtime.enter();
        match &self.credentials {
            None => {
                JobSource::new(exchange, self.job, None).fetch_file(store, id, max_bytes, until)
            }
            Some(credentials) => PrivateSource::new(exchange, self.job, Arc::clone(credentials))
                .fetch_file(store, id, max_bytes, until),
        }
    }
}

impl fmt::Debug for ClientSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSource").field("job", &self.job).finish_non_exhaustive()
    }
}

/// Whether an RPC server is on this machine: then all nodes are.
pub fn is_local_url(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };

    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The relays, unless the user chooses.
pub fn default_relays(is_local: bool) -> RelayChoice {
    if is_local { RelayChoice::Disabled } else { RelayChoice::Public }
}

/// The sockets; port 0 is a free one.
pub fn default_sockets(is_local: bool, port: u16) -> LocalSockets {
    if is_local { LocalSockets::Loopback } else { LocalSockets::AllInterfaces { port } }
}

/// Which addresses of strangers are dialed.
pub fn default_reach(is_local: bool) -> Reach {
    if is_local { Reach::Anywhere } else { Reach::Internet }
}

/// The longest time in which a command gives its content away before it goes on.
pub const REPLICATION_TIMEOUT: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_endpoint_whose_closing_was_cut_off_is_not_dropped() {
        let endpoint = NetEndpoint::bind(EndpointConfig::loopback()).await.unwrap();
        let id = endpoint.id();
        close_at_end(&endpoint);
        let _ = timeout(Duration::ZERO, endpoint.close()).await;
        drop(endpoint);

        close_endpoints().await;
        assert!(lock_open_endpoints().iter().any(|open| open.id() == id));
    }

    #[test]
    fn a_network_on_this_machine_is_local() {
        for url in [
            "http://127.0.0.1:8899",
            "http://localhost:1/x",
            "http://[::1]:8899",
            "https://127.1.2.3",
        ] {
            assert!(is_local_url(url), "{url}");
        }
        for url in
            ["https://api.devnet.solana.com", "http://10.0.0.1:8899", "http://localhost.evil.com"]
        {
            assert!(!is_local_url(url), "{url}");
        }
    }
}
