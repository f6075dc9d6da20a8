//! Content of private jobs: it comes from the job's client, and goes to the client and the payer
//! alone. It is in a store of the job, never in the node's own one.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_net::exchange::list_result_content;
use nosana_net::holding::{ActivePrivateJob, PrivateJobs, PushedSource};
use nosana_store::{Store, StoreError};
use solana_address::Address;
use tokio::task::spawn_blocking;

use crate::worker::Worker;

/// Why a node gives every private job back.
const NO_ENDPOINT: &str = "the job is private, and this node has no endpoint at which the client \
                           could bring its content";

impl Worker {
    /// Accepts the content of a private job from its client, until the returned value is dropped.
    /// `None` if the job is not private.
    ///
    /// # Errors
    /// If the job's store cannot be created.
    pub(crate) fn begin_private(
        &self,
        address: Address,
        job: &Job,
    ) -> Result<Option<ActivePrivateJob>> {
        match self.network.as_ref().filter(|_| is_private(job)) {
            Some(network) => Ok(Some(network.admission.private_jobs().begin_job(address)?)),
            None => Ok(None),
        }
    }

    /// Removes the content of a private job that this node gave back and never ran. Sweeps remove
    /// that of others, when it is certain that nobody needs it.
    pub(crate) async fn discard_private(&self, address: Address) {
        let Some(network) = &self.network else { return };

        if let Err(error) = network.admission.discard_private(&address).await {
            tracing::warn!(job = %address, "a later sweep removes private content: {error}");
        }
    }

    /// Removes the inputs of a private batch job whose result the chain has: they may be gigabytes,
    /// and its client reads the definition, the result and what that names.
    pub(crate) async fn trim_private(&self, address: Address, job: &Job, result: ContentId) {
        if !is_private(job) {
            return;
        }
        let Ok(store) = self.job_store(&address, job) else { return };
        let definition = ContentId::from_digest(job.definition);

        let trimming = spawn_blocking(move || {
            // Nothing is removed unless all parts of the result are known.
            let mut kept = list_result_content(&store, &result)?;
            kept.push(definition);
            store.retain_files(&kept, Duration::ZERO)?;
            Ok::<(), StoreError>(())
        });
        let problem = match trimming.await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        tracing::warn!(job = %address, "inputs stay until the job is over: {problem}");
    }

    /// The store from which the definition and the inputs of a job are read: it waits for those of a
    /// private job, and fetches others.
    ///
    /// # Errors
    /// If the job is private, and this node has no endpoint or cannot create the job's store.
    pub(crate) fn input_store(&self, address: &Address, job: &Job) -> Result<Store> {
        if !is_private(job) {
            return Ok(self.content_store(address));
        }
        Ok(self.job_store(address, job)?.with_source(Arc::new(PushedSource)))
    }

    /// The store in which a job is run, and into which its results go.
    ///
    /// # Errors
    /// If the job is private, and this node has no endpoint or cannot create the job's store.
    pub(crate) fn job_store(&self, address: &Address, job: &Job) -> Result<Store> {
        if !is_private(job) {
            return Ok(self.config.store.clone());
        }
        let jobs: &PrivateJobs =
            self.network.as_ref().context(NO_ENDPOINT)?.admission.private_jobs();
        Ok(jobs.open_store(address)?)
    }
}

/// Whether nobody but the parties of the job may have its content.
pub(super) const fn is_private(job: &Job) -> bool {
    job.is_private != 0
}
