//! Content of this node's jobs: from other nodes and clients, and for them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_net::exchange::{JobSource, REPLICAS, list_input_content, list_result_content};
use nosana_net::holding::TakenJob;
use nosana_store::{Store, StoreError};
use solana_address::Address;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::{NodeNetwork, private_content::is_private};
use crate::worker::Worker;

/// Longest time of offering content. A holder may take each block as slowly as it is allowed to.
const REPLICATION_TIMEOUT: Duration = Duration::from_secs(600);

impl Worker {
    /// The store from which content of a job is read: it fetches what is missing from clients and
    /// other nodes, if this node has an endpoint.
    pub(crate) fn content_store(&self, job: &Address) -> Store {
        let store = self.config.store.clone();

        match &self.network {
            Some(network) => store.with_source(Arc::new(network.job_source(*job))),
            None => store,
        }
    }

    /// Accepts content of a public job of this node from its client, also if the node has no room
    /// for content of others, until the returned value is dropped.
    pub(crate) fn take_content(&self, job: Address) -> Option<TakenJob> {
        self.network.as_ref().map(|network| network.admission.take_job(job))
    }

    /// Removes the content that came for a public job which has ended here, or goes back.
    pub(crate) fn discard_content(&self, taken: Option<TakenJob>) {
        if let (Some(network), Some(taken)) = (&self.network, taken) {
            network.admission.discard_taken(taken);
        }
    }

    /// Closes the endpoint, so that peers need not wait for it.
    pub(crate) async fn close_network(&self) {
        if let Some(network) = &self.network {
            network.endpoint().close().await;
        }
    }

    /// Lets others read the definition and the inputs of a job that this node runs.
    pub(crate) async fn publish_inputs(&self, address: Address, job: &Job) {
        let Some(network) = self.network.as_ref().filter(|_| !is_private(job)) else { return };
        let store = self.config.store.without_sources();
        let definition = ContentId::from_digest(job.definition);

        let listing = spawn_blocking(move || list_input_content(&store, &definition));
        if let Ok(Ok(contents)) = listing.await {
            network.admission.publish_content(address, &contents);
        }
    }

    /// Lets others read a result, before the chain names it.
    ///
    /// # Errors
    /// If a part of the result is not in the store.
    pub(crate) async fn publish_result(
        &self,
        address: Address,
        job: &Job,
        result: ContentId,
    ) -> Result<()> {
        let Some(network) = self.network.as_ref().filter(|_| !is_private(job)) else {
            return Ok(());
        };
        let store = self.config.store.without_sources();

        let contents = spawn_blocking(move || list_result_content(&store, &result)).await?;
        let contents = contents.context("cannot read the result back")?;
        network.admission.publish_content(address, &contents);
        Ok(())
    }

    /// Lets others read the report of a service, instead of the last but one.
    pub(crate) fn publish_report(&self, address: Address, job: &Job, report: ContentId) {
        if let Some(network) = self.network.as_ref().filter(|_| !is_private(job)) {
            network.admission.publish_report(address, report);
        }
    }

    /// Lets others read what this node says about a job that it gives back, until the job is over.
    pub(crate) fn publish_return(&self, address: Address, job: &Job, report: ContentId) {
        if let Some(network) = self.network.as_ref().filter(|_| !is_private(job)) {
            network.admission.publish_content(address, &[report]);
        }
    }

    /// Lets others read content of a disputed job that this node judges, until the dispute has
    /// ended: the node of the result may show it to a part of the panel only.
    pub(crate) fn publish_judged(&self, address: Address, contents: &[ContentId]) {
        if let Some(network) = &self.network {
            network.admission.publish_judged(address, contents);
        }
    }

    /// Offers a result that the chain names to other nodes, in the background: this node may be gone
    /// when the client reads it.
    pub(crate) fn replicate_result(&self, address: Address, job: &Job, result: ContentId) {
        self.replicate_listed(address, job, move |store| list_result_content(store, &result));
    }

    /// Offers what this node said about a job that it gave back to other nodes, in the background:
    /// the job does not name this node any more, so its client may not ask it.
    pub(crate) fn replicate_return(&self, address: Address, job: &Job, report: ContentId) {
        self.replicate_listed(address, job, move |_| Ok(vec![report]));
    }

    /// Offers what `list` finds in the store to other nodes, in the background.
    fn replicate_listed(
        &self,
        address: Address,
        job: &Job,
        list: impl FnOnce(&Store) -> Result<Vec<ContentId>, StoreError> + Send + 'static,
    ) {
        let Some(network) = self.network.as_ref().filter(|_| !is_private(job)) else { return };
        let exchange = Arc::clone(&network.exchange);
        let store = self.config.store.without_sources();

        drop(tokio::spawn(async move {
            let local = store.clone();
            let listing = spawn_blocking(move || list(&local));
            let Ok(Ok(contents)) = listing.await else { return };

            let offering = exchange.replicate_content(address, &store, &contents, REPLICAS);
            match timeout(REPLICATION_TIMEOUT, offering).await {
                Ok(Ok(kept)) => {
                    let (holders, asked) = (kept.holders.len(), kept.asked);
                    tracing::debug!(job = %address, holders, asked, "offered content of the job");
                }
                Ok(Err(error)) => {
                    tracing::debug!(job = %address, %error, "cannot offer content of the job")
                }
                Err(_) => tracing::debug!(job = %address, "no holder took the content in time"),
            }
        }));
    }
}

impl NodeNetwork {
    fn job_source(&self, job: Address) -> JobSource {
        let held = self.admission.held_store().clone();
        JobSource::new(Arc::clone(&self.exchange), job, Some(held))
    }
}
