//! Runs a job's operations on a thread of their own.

use std::sync::Arc;

use anyhow::Result;
use nosana_client::jobs::accounts::Job;
use nosana_engine::Sketch;
use nosana_job_spec::{ContentId, JobDefinition, JobResult};
use nosana_protocol::job::Kind;
use nosana_sandbox::CancelToken;
use solana_address::Address;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::{execute::sketch_seed, live_jobs::LiveRun, worker::Worker};

/// What the operations of a batch job produced.
pub(super) struct Produced {
    /// The result.
    pub result: JobResult,
    /// The sketch of the work on a verified job.
    pub sketch: Option<Sketch>,
}

impl Worker {
    /// Starts the operations of a batch job, and sketches the work if the job is verified. `run`
    /// receives what they print.
    pub(super) fn spawn_batch(
        &self,
        address: Address,
        job: &Job,
        definition: &Arc<JobDefinition>,
        cancel: CancelToken,
        run: LiveRun,
    ) -> JoinHandle<Result<Produced>> {
        let id = ContentId::from_digest(job.definition);
        let is_verified = job.to_terms().kind == Kind::VerifiedBatch;
        let definition = Arc::clone(definition);
        let executor = Arc::clone(&self.executor);
        let store = self.job_store(&address, job);

        spawn_blocking(move || {
            let store = store?;
            let result = executor.execute_definition(&definition, id, &store, &cancel, &run)?;
            let seed = sketch_seed(address.as_array());
            let sketch = is_verified
                .then(|| executor.sketch_work(&definition, &result, &store, &seed, &cancel))
                .transpose()?;
            Ok(Produced { result, sketch })
        })
    }

    /// Starts the operations of a service. `run` receives what they print.
    pub(super) fn spawn_service(
        &self,
        address: Address,
        job: &Job,
        definition: &Arc<JobDefinition>,
        cancel: CancelToken,
        run: LiveRun,
    ) -> JoinHandle<Result<JobResult>> {
        let id = ContentId::from_digest(job.definition);
        let definition = Arc::clone(definition);
        let executor = Arc::clone(&self.executor);
        let store = self.job_store(&address, job);

        spawn_blocking(move || executor.execute_definition(&definition, id, &store?, &cancel, &run))
    }
}

/// Cancels the operations when this is dropped, so that they end with the future that awaits them.
pub(super) struct CancelOnDrop {
    pub cancel: CancelToken,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
