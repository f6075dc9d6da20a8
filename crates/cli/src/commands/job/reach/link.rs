//! A line to the node of a job.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use nosana_client::{
    Session,
    jobs::accounts::{Job, Node},
};
use nosana_net::{
    directory::read_endpoint,
    job::{CredentialSource, JobError, JobLink, PortStatus, RefusalReason, RetryPolicy},
    transport::{EndpointConfig, NetEndpoint, NodeAddress, Reach, RelayChoice, load_or_create_key},
};
use solana_address::Address;
use solana_keypair::Keypair;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{
    credential::{check_ticket, sign_with_wallet},
    options::ReachOptions,
};
use crate::commands::client_network::{
    close_at_end, close_endpoint, default_reach, default_sockets, is_local_url,
};

/// How long a node may take to begin a job that the chain counts as running.
const BEGIN_TIMEOUT: Duration = Duration::from_secs(30);
/// The pause between two tries of that.
const BEGIN_INTERVAL: Duration = Duration::from_millis(250);

/// A line to the node that runs a job.
pub struct JobReach {
    /// The line.
    pub link: Arc<JobLink>,
    endpoint: NetEndpoint,
    /// Follows the node's account; `None` if the user has named the address.
    following: Option<JoinHandle<()>>,
}

impl Drop for JobReach {
    fn drop(&mut self) {
        self.following.iter().for_each(JoinHandle::abort);
    }
}

impl JobReach {
    /// Prepares a line to the job's node, with a grant or the wallet that `read_key` returns, over
    /// the relays that the user has chosen. Does not connect.
    pub async fn prepare(
        session: &Session,
        options: &ReachOptions,
        relays: Option<RelayChoice>,
        address: Address,
        job: &Job,
        read_key: impl FnOnce() -> Result<Keypair>,
    ) -> Result<Self> {
        let credentials: Arc<dyn CredentialSource> = match &options.ticket {
            Some(ticket) => {
                check_ticket(ticket, &address)?;
                Arc::new(ticket.clone())
            }
            None => sign_with_wallet(read_key()?, address, job)?,
        };

        let node = match &options.node {
            Some(node) => node.clone(),
            None => find_address(session, &job.node).await?,
        };
        let endpoint = bind_endpoint(session, options, relays, &node).await?;
        let link = JobLink::new(endpoint.clone(), node, credentials, RetryPolicy::default());
        let link = Arc::new(link);

        let following = options
            .node
            .is_none()
            .then(|| tokio::spawn(follow_address(session.clone(), job.node, Arc::clone(&link))));
        Ok(Self { link, endpoint, following })
    }

    /// Returns the job's ports once the node has begun the job.
    pub async fn list_ports(&self) -> Result<Vec<PortStatus>> {
        let until = Instant::now() + BEGIN_TIMEOUT;

        loop {
            match self.link.list_ports().await {
                Err(JobError::Refused { reason: RefusalReason::NotRunning, .. })
                    if Instant::now() < until =>
                {
                    sleep(BEGIN_INTERVAL).await;
                }
                listed => return listed.with_context(|| self.describe_failure()),
            }
        }
    }

    /// What a failure says about this side.
    pub fn describe_failure(&self) -> String {
        format!("cannot use the job at its node, from the endpoint {}", self.endpoint.id())
    }

    /// Ends the line.
    pub async fn close(&self) {
        close_endpoint(&self.endpoint).await;
    }
}

/// Returns where the node says that it can be reached.
async fn find_address(session: &Session, node: &Address) -> Result<NodeAddress> {
    let account = session.fetch_account::<Node>(node).await.context("cannot read the node")?;
    let address =
        read_endpoint(&account.endpoint).context("the node announces no valid address")?;

    address.with_context(|| {
        format!("the node {node} has no endpoint, so its jobs cannot be reached while they run")
    })
}

/// Dials the node where its account says, whenever that changes.
async fn follow_address(session: Session, node: Address, link: Arc<JobLink>) {
    let mut updates = session.subscribe_account::<Node>(node);

    while let Some(update) = updates.next().await {
        let Ok(Some(account)) = update.map(|update| update.account) else { continue };
        if let Ok(Some(address)) = read_endpoint(&account.endpoint) {
            link.set_node(address);
        }
    }
}

/// Binds an endpoint from which the node can be dialed.
async fn bind_endpoint(
    session: &Session,
    options: &ReachOptions,
    relays: Option<RelayChoice>,
    node: &NodeAddress,
) -> Result<NetEndpoint> {
    let mut config = EndpointConfig::loopback();
    if let Some(folder) = &options.identity {
        config.key = load_or_create_key(folder)?;
        eprintln!("this command's endpoint is {}", config.key.public());
    }

    // Accounts of strangers choose what is dialed, except where the user does.
    let is_local = is_local_url(&session.rpc().url());
    let is_chosen = options.node.is_some();
    config.reach = if is_chosen { Reach::Anywhere } else { default_reach(is_local) };
    config.sockets = default_sockets(is_local && !is_chosen, 0);
    config.relays = choose_relays(relays, node, config.reach);
    let endpoint = NetEndpoint::bind(config).await?;
    close_at_end(&endpoint);
    Ok(endpoint)
}

/// The relays that the user has chosen, which are dialed whatever they are; else the node's relay,
/// unless it is one that is not dialed: an endpoint connects to its own relays at once, and again
/// as long as it lasts.
fn choose_relays(chosen: Option<RelayChoice>, node: &NodeAddress, reach: Reach) -> RelayChoice {
    if let Some(chosen) = chosen {
        return chosen;
    }
    match node.relay().filter(|relay| reach.allows_relay(relay)) {
        Some(relay) => RelayChoice::OfPeer(relay.clone()),
        None => RelayChoice::Disabled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relays_that_the_user_chooses_replace_that_of_the_node() {
        let id = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let node: NodeAddress = format!("{id},https://relay.example.com/").parse().unwrap();

        let texts = [&["none"][..], &["public"], &["https://a.example.com", "http://10.0.0.1"]];
        for texts in texts {
            let chosen = RelayChoice::from_texts(texts.iter().copied()).unwrap();
            for reach in [Reach::Internet, Reach::Anywhere] {
                let relays = choose_relays(chosen.clone(), &node, reach);
                assert_eq!(Some(relays), chosen, "{texts:?}");
            }
        }
    }

    #[test]
    fn a_node_cannot_name_a_relay_in_a_private_network() {
        let id = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let choose = |relay: &str, reach| {
            let node: NodeAddress = format!("{id},{relay}").parse().unwrap();
            choose_relays(None, &node, reach)
        };

        for relay in ["http://127.0.0.1:9000/x", "https://10.0.0.1/", "http://relay.example.com/"] {
            assert_eq!(choose(relay, Reach::Internet), RelayChoice::Disabled, "{relay}");
            assert_ne!(choose(relay, Reach::Anywhere), RelayChoice::Disabled, "{relay}");
        }
        let public = choose("https://relay.example.com/", Reach::Internet);
        let of_node = RelayChoice::OfPeer("https://relay.example.com/".parse().unwrap());
        assert_eq!(public, of_node, "its name may lead into a private network");
    }
}
