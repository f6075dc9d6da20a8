//! Fetches content of a job, and offers it.

use std::sync::Arc;
use std::time::Duration;

use nosana_client::{
    Session,
    jobs::accounts::{Dispute, Job},
    pda,
};
use nosana_job_spec::ContentId;
use nosana_protocol::job::State;
use nosana_store::Store;
use solana_address::Address;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::debug;

use super::{ExchangeError, peers::Peers};
use crate::content::{
    ContentClient, ContentError, ContentOffer, ContentRefusal, OfferOutcome, rank_holders,
};
use crate::directory::{NodeDirectory, NodeEntry};
use crate::transport::NetEndpoint;

/// How many nodes keep the content of a waiting job, unless the client chooses.
pub const REPLICAS: usize = 3;
/// The largest object: an input or an artifact.
pub const MAX_CONTENT_BYTES: u64 = 512 * 1024 * 1024;

/// How many of the first holders in the order of a job are asked.
pub(super) const ASKED_HOLDERS: usize = 16;
/// The pauses between two rounds of asking, which double.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(200);
pub(super) const MAX_PAUSE: Duration = Duration::from_secs(2);
/// No further round begins with less time than this: that nobody answers in a moment says nothing.
const LEAST_ROUND: Duration = Duration::from_secs(1);
/// A holder may see the job a moment after its client does: an offer is tried again for so long.
const OFFER_RETRIES: u32 = 4;
const OFFER_PAUSE: Duration = Duration::from_millis(400);
/// The age of the directory with which a search that found nothing goes on.
const SEARCH_MAX_AGE: Duration = Duration::from_secs(3);

/// What became of an offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replication {
    /// The nodes that keep all of it.
    pub holders: Vec<Address>,
    /// How many nodes were asked.
    pub asked: usize,
    /// Why the last one that refused did so.
    pub last_problem: Option<String>,
}

/// Exchanges content of jobs with nodes. Share it in an `Arc`.
#[derive(Debug)]
pub struct ContentExchange {
    pub(super) directory: NodeDirectory,
    pub(super) peers: Peers,
    /// The node whose endpoint this is; it does not ask itself.
    own_node: Option<Address>,
}

impl ContentExchange {
    /// An exchange over this endpoint; `own_node` is the node to which the endpoint belongs.
    pub fn new(endpoint: NetEndpoint, session: Session, own_node: Option<Address>) -> Self {
        Self { directory: NodeDirectory::new(session), peers: Peers::new(endpoint), own_node }
    }

    /// The nodes' addresses.
    pub const fn directory(&self) -> &NodeDirectory {
        &self.directory
    }

    /// Fetches an object of at most `max_bytes` that `job` names into the store: from what this
    /// machine keeps for others, from the job's own node, from those that judge its result, or from
    /// the nodes that keep the job's content. Looks again until the object is there or the time is
    /// over: the client of a job that was just listed may still be giving it away, also to this
    /// machine.
    ///
    /// # Errors
    /// If nobody had it `until` then.
    pub async fn fetch_content(
        &self,
        job: &Address,
        (store, held): (&Store, Option<&Store>),
        object: ContentId,
        max_bytes: u64,
        until: Instant,
    ) -> Result<(), ExchangeError> {
        let mut max_age = Duration::MAX;
        let mut pause = FIRST_PAUSE;

        loop {
            if let Some(held) = held
                && held.has_file(&object)
                && store.copy_file(held, &object, max_bytes).is_ok()
            {
                return Ok(());
            }
            // Requests to the RPC server have longer limits of their own, and are repeated.
            let read_by = until.max(Instant::now() + LEAST_ROUND);
            let candidates = timeout_at(read_by, self.find_candidates(job, max_age)).await;
            let candidates = candidates.map_err(|_| ExchangeError::ChainSilent)??;
            let asked = candidates.len();
            let failure = match self.ask_nodes(candidates, store, object, max_bytes, until).await {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };

            if Instant::now() + pause + LEAST_ROUND > until {
                return Err(failure.describe(asked));
            }
            sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE);
            max_age = SEARCH_MAX_AGE;
        }
    }

    /// The job's own node and those that judge its result, then the first holders in the job's
    /// order.
    pub(super) async fn find_candidates(
        &self,
        job: &Address,
        max_age: Duration,
    ) -> Result<Vec<NodeEntry>, ExchangeError> {
        let nodes = match max_age {
            Duration::MAX => self.directory.list_nodes().await?,
            max_age => self.directory.list_recent(max_age).await?,
        };
        let account = self.directory.session().find_account::<Job>(job).await?;
        let mut order = match account {
            Some(account) => self.list_parties(job, &account).await?,
            None => Vec::new(),
        };

        let ranked = rank_holders(job, nodes.iter().map(|entry| entry.node));
        for holder in ranked.into_iter().take(ASKED_HOLDERS) {
            if !order.contains(&holder) {
                order.push(holder);
            }
        }
        order.retain(|node| Some(*node) != self.own_node);

        Ok(find_entries(&nodes, &order))
    }

    /// The job's own node, and those with a seat in the dispute about its result: the node may have
    /// shown the result to them only.
    async fn list_parties(
        &self,
        address: &Address,
        job: &Job,
    ) -> Result<Vec<Address>, ExchangeError> {
        let mut parties = vec![job.node];
        if job.state == State::Challenged as u8 {
            let dispute = pda::jobs::dispute(address, job.attempt_id);
            let found = self.directory.session().find_account::<Dispute>(&dispute).await?;
            if let Some(dispute) = found {
                parties.extend(dispute.taken_seats().map(|(_, seat)| seat.node));
            }
        }
        Ok(parties)
    }

    /// Offers the content of a job to the nodes in the job's order, until so many keep all of it.
    ///
    /// # Errors
    /// If the nodes cannot be listed.
    pub async fn replicate_content(
        self: &Arc<Self>,
        job: Address,
        store: &Store,
        contents: &[ContentId],
        replicas: usize,
    ) -> Result<Replication, ExchangeError> {
        let nodes = self.directory.list_nodes().await?;
        let ranked = rank_holders(&job, nodes.iter().map(|entry| entry.node));
        let order: Vec<Address> =
            ranked.into_iter().filter(|node| Some(*node) != self.own_node).collect();
        let mut entries = find_entries(&nodes, &order).into_iter();

        let contents: Arc<[ContentId]> = contents.into();
        let mut replication = Replication::default();
        let mut offering = JoinSet::new();
        loop {
            while replication.holders.len() + offering.len() < replicas {
                let Some(entry) = entries.next() else { break };
                let (exchange, store) = (Arc::clone(self), store.without_sources());
                let contents = Arc::clone(&contents);

                replication.asked += 1;
                offering.spawn(async move {
                    let offered = match exchange.peers.connect(&entry).await {
                        Ok(client) => offer_all(&client, job, &store, &contents).await,
                        Err(error) => Err(error),
                    };
                    (entry.node, offered)
                });
            }

            match offering.join_next().await {
                None => return Ok(replication),
                Some(Ok((node, Ok(())))) => replication.holders.push(node),
                Some(Ok((node, Err(error)))) => {
                    debug!(%node, %error, "a node keeps no content");
                    replication.last_problem = Some(error.to_string());
                }
                Some(Err(error)) => replication.last_problem = Some(error.to_string()),
            }
        }
    }

    /// Connects to a node and returns how long its answer took.
    ///
    /// # Errors
    /// If it cannot be reached or does not answer.
    pub async fn probe_node(&self, entry: &NodeEntry) -> Result<Duration, ContentError> {
        let begun = Instant::now();
        let any = ContentId::from_digest([0; 32]);
        self.peers.connect(entry).await?.query_objects(&[any]).await?;
        Ok(begun.elapsed())
    }

    /// Offers the content of a job to one node, in this order, unless the node has all of it.
    ///
    /// # Errors
    /// If the node cannot be reached or does not accept it.
    pub async fn offer_missing(
        &self,
        job: Address,
        entry: &NodeEntry,
        store: &Store,
        contents: &[ContentId],
    ) -> Result<(), ContentError> {
        let client = self.peers.connect(entry).await?;

        if client.query_objects(contents).await?.contains(&false) {
            offer_all(&client, job, store, contents).await?;
        }
        Ok(())
    }
}

/// Offers the content of a job over one connection, in this order.
pub(super) async fn offer_all(
    client: &ContentClient,
    job: Address,
    store: &Store,
    contents: &[ContentId],
) -> Result<(), ContentError> {
    for object in contents {
        let content_bytes = store.content_size(object)?;
        let offer = ContentOffer { job, object: *object, content_bytes };
        let mut retries_left = OFFER_RETRIES;

        loop {
            match client.offer_object(store, offer).await {
                Ok(OfferOutcome::Stored | OfferOutcome::AlreadyHeld) => break,
                Err(ContentError::Refused(refusal)) if may_change(refusal) && retries_left > 0 => {
                    retries_left -= 1;
                    sleep(OFFER_PAUSE).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn find_entries(nodes: &[NodeEntry], order: &[Address]) -> Vec<NodeEntry> {
    let find = |node: &Address| nodes.iter().find(|entry| entry.node == *node);
    order.iter().filter_map(find).cloned().collect()
}

/// Whether the same offer may be accepted a moment later.
const fn may_change(refusal: ContentRefusal) -> bool {
    matches!(refusal, ContentRefusal::NotAdmitted | ContentRefusal::Busy)
}
