//! Runs a job's operations on a thread of their own.

use std::{sync::Arc, time::Instant};

use anyhow::Result;
use nosana_client::jobs::accounts::Job;
use nosana_engine::Sketch;
use nosana_job_spec::{ContentId, JobDefinition, JobResult};
use nosana_protocol::job::Kind;
use nosana_sandbox::CancelToken;
use solana_address::Address;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::{live_jobs::LiveRun, worker::Worker};

/// Operations of a batch job that run. Dropping this cancels them.
pub(super) struct BatchRun {
    /// Ends the operations.
    pub operations: CancelOnDrop,
    /// Receives what they print.
    pub live: LiveRun,
    /// Ends with them.
    pub task: JoinHandle<BatchEnd>,
}

/// How the operations of a batch job ended.
pub(super) struct BatchEnd {
    /// How long they ran, in seconds.
    pub seconds: f64,
    /// What they produced, or why they failed.
    pub produced: Result<Produced>,
}

/// What the operations of a batch job produced.
pub(super) struct Produced {
    /// The result.
    pub result: JobResult,
    /// The sketch of the work on a verified job.
    pub sketch: Option<Sketch>,
}

impl Worker {
    /// Starts the operations of a batch job, and sketches the work if the job is verified.
    pub(super) fn spawn_batch(
        &self,
        address: Address,
        job: &Job,
        definition: &Arc<JobDefinition>,
    ) -> BatchRun {
        let cancel = CancelToken::default();
        let operations = CancelOnDrop { cancel: cancel.clone() };
        let live = LiveRun::batch(definition);

        let id = ContentId::from_digest(job.definition);
        let is_verified = job.to_terms().kind == Kind::VerifiedBatch;
        let definition = Arc::clone(definition);
        let executor = Arc::clone(&self.executor);
        let store = self.job_store(&address, job);
        let run = live.clone();
        let produce = move || -> Result<Produced> {
            let store = store?;
            let result = executor.execute_definition(&definition, id, &store, &cancel, &run)?;
            let job = address.as_array();
            let sketch = is_verified
                .then(|| executor.sketch_work(&definition, &result, &store, job, &cancel))
                .transpose()?;
            Ok(Produced { result, sketch })
        };

        let task = spawn_blocking(move || {
            let begun = Instant::now();
            let produced = produce();
            BatchEnd { seconds: begun.elapsed().as_secs_f64(), produced }
        });
        BatchRun { operations, live, task }
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

#[cfg(test)]
mod tests {
    use std::{thread::sleep, time::Duration};

    use anyhow::anyhow;
    use tokio::{sync::oneshot, time::timeout};

    use super::*;

    #[tokio::test]
    async fn a_run_that_is_dropped_is_cancelled() {
        let cancel = CancelToken::default();
        let operations = CancelOnDrop { cancel: cancel.clone() };
        let (ended, has_ended) = oneshot::channel();
        let task = spawn_blocking(move || {
            while !cancel.is_cancelled() {
                sleep(Duration::from_millis(1));
            }
            let _ = ended.send(());
            BatchEnd { seconds: 0.0, produced: Err(anyhow!("it was cancelled")) }
        });
        let live = LiveRun::batch(&JobDefinition::new(Vec::new()));

        drop(BatchRun { operations, live, task });
        timeout(Duration::from_secs(60), has_ended).await.expect("it ends").unwrap();
    }
}
