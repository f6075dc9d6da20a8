//! The endpoint of a node and its services.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use nosana_client::Session;
use nosana_net::content::{ContentBounds, ContentService};
use nosana_net::exchange::ContentExchange;
use nosana_net::holding::{ChainAdmission, JobIndex, PrivateJobs};
use nosana_net::job::{JobBounds, JobService};
use nosana_net::transport::{
    ConnectionHandler, EndpointConfig, Listener, ListenerBounds, NetEndpoint, load_or_create_key,
};
use nosana_net::{SystemClock, raise_file_limit};
use nosana_store::Store;
use solana_address::Address;
use solana_keypair::Keypair;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::{NetworkConfig, announce::Announcer};
use crate::live_jobs::LiveJobs;

/// The interval at which expired content is removed.
const SWEEP_INTERVAL: Duration = Duration::from_secs(300);

/// The endpoint of a node, as long as this lives.
#[derive(Debug)]
pub(crate) struct NodeNetwork {
    pub(super) exchange: Arc<ContentExchange>,
    pub(super) admission: ChainAdmission,
    endpoint: NetEndpoint,
    _listener: Listener,
    tasks: Vec<JoinHandle<()>>,
}

/// The node to which an endpoint belongs.
pub(crate) struct NetworkOwner<'a> {
    pub session: &'a Session,
    pub authority: Arc<Keypair>,
    pub node: Address,
    /// Definitions and results of the node's own jobs.
    pub store: &'a Store,
    /// The folder of the endpoint's key and of what the node keeps for others.
    pub folder: &'a Path,
    /// The logs and ports of the node's jobs.
    pub live_jobs: LiveJobs,
}

impl NodeNetwork {
    /// Binds the endpoint, serves content and running jobs, and announces the address.
    ///
    /// # Errors
    /// If the folder is not writable, or the sockets cannot be bound.
    pub(crate) async fn start(owner: NetworkOwner<'_>, config: NetworkConfig) -> Result<Self> {
        let NetworkOwner { session, authority, node, store, folder, live_jobs } = owner;
        let key = load_or_create_key(folder)?;
        let has_relays = config.relays.uses_relays();
        let endpoint = NetEndpoint::bind(EndpointConfig {
            key,
            relays: config.relays,
            sockets: config.sockets,
            public_addresses: config.public_addresses,
            reach: config.reach,
            unread_streams: None,
        });
        let endpoint = endpoint.await.context("cannot open the node's endpoint")?;

        let held_store = Store::open(folder.join("held"))?;
        let held = JobIndex::open(&folder.join("held-index"))?;
        let own = JobIndex::open(&folder.join("own-index"))?;
        let judged = JobIndex::open(&folder.join("judged-index"))?;
        let private = PrivateJobs::open(&folder.join("private"), node)?;
        let limits = config.hold_limits;
        let admission = ChainAdmission::new(
            session.clone(),
            (own, judged, store.without_sources()),
            (held, held_store.clone()),
            private,
            limits,
        );

        let bounds = ContentBounds::default();
        let content =
            ContentService::new(held_store, admission.clone(), SystemClock, endpoint.id(), bounds);
        let content = content.with_preferred(endpoint.preferred().clone());
        let bounds = JobBounds::default();
        let streams = limit_streams(bounds.streams);
        let visitors = bounds.visitors.limit_streams(streams);
        let bounds = JobBounds { streams, visitors, ..bounds };
        let jobs = JobService::new(live_jobs, SystemClock, endpoint.id(), bounds);
        let handlers: Vec<Arc<dyn ConnectionHandler>> = vec![Arc::new(content), Arc::new(jobs)];
        let listener = Listener::spawn(&endpoint, handlers, ListenerBounds::default());

        let announcer = Announcer {
            session: session.clone(),
            authority,
            endpoint: endpoint.clone(),
            has_relays,
        };
        let tasks =
            vec![tokio::spawn(announcer.run()), tokio::spawn(sweep_regularly(admission.clone()))];
        let exchange = ContentExchange::new(endpoint.clone(), session.clone(), Some(node));
        let exchange = Arc::new(exchange);
        Ok(Self { exchange, admission, endpoint, _listener: listener, tasks })
    }

    /// The endpoint.
    pub(crate) const fn endpoint(&self) -> &NetEndpoint {
        &self.endpoint
    }
}

impl Drop for NodeNetwork {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// The most streams for which this process has files: a stream may be a TCP connection, and half of
/// the files stay for everything else.
fn limit_streams(wanted: usize) -> usize {
    (raise_file_limit() / 2).min(wanted)
}

async fn sweep_regularly(admission: ChainAdmission) {
    let mut ticks = interval(SWEEP_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);

    loop {
        ticks.tick().await;
        match admission.sweep().await {
            Ok(collected) if collected.files > 0 => {
                let bytes = collected.bytes;
                tracing::info!(bytes, "removed content that was kept for others");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!("cannot remove content that was kept: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{Resource, getrlimit};

    use super::*;

    #[test]
    fn streams_leave_half_of_the_files() {
        let streams = limit_streams(4_096) as u64;
        let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        assert!(streams >= 1 && streams.saturating_mul(2) <= files, "{streams} of {files}");
        assert_eq!(limit_streams(10), 10);
    }
}
