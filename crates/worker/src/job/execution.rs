//! Runs a job's operations on a thread of their own.

use std::sync::Arc;

use anyhow::Result;
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, JobDefinition, JobResult};
use nosana_sandbox::{CancelToken, OutputTail};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::worker::Worker;

impl Worker {
    /// Starts the operations of `job`. A service passes `live`, which receives what they print.
    pub(super) fn spawn_execution(
        &self,
        job: &Job,
        definition: &Arc<JobDefinition>,
        cancel: CancelToken,
        live: Option<OutputTail>,
    ) -> JoinHandle<Result<JobResult>> {
        let id = ContentId::from_digest(job.definition);
        let definition = Arc::clone(definition);
        let executor = Arc::clone(&self.executor);
        let store = self.config.store.clone();

        spawn_blocking(move || {
            executor.execute_definition(&definition, id, &store, &cancel, live.as_ref())
        })
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
