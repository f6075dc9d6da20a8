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

use crate::{execute::sketch_seed, live_jobs::LiveRun, worker::Worker};

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
    /// Starts the operations of a job whose `start` is sent next, so that they do not wait for its
    /// confirmation. `None` if they have to.
    pub(super) fn begin_early(
        &self,
        address: Address,
        job: &Job,
        definition: &Arc<JobDefinition>,
    ) -> Option<BatchRun> {
        may_begin_early(job, definition).then(|| self.spawn_batch(address, job, definition))
    }

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
            let seed = sketch_seed(address.as_array());
            let sketch = is_verified
                .then(|| executor.sketch_work(&definition, &result, &store, &seed, &cancel))
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

/// Returns whether the operations may begin before the chain has the job's start. Inference has no
/// effect outside this machine: if the start fails, nothing but its work is lost. Commands and
/// containers may have effects that a job must not have twice. The store of a private job is
/// removed when the job goes back, and nothing may still write into it then.
fn may_begin_early(job: &Job, definition: &JobDefinition) -> bool {
    let is_inference = definition.ops.iter().all(|operation| operation.inference_args().is_some());
    is_inference && !job.is_service() && job.is_private == 0
}

#[cfg(test)]
mod tests {
    use std::{thread::sleep, time::Duration};

    use anyhow::anyhow;
    use nosana_engine::ALL_MINILM_L6_V2;
    use nosana_job_spec::{CommandArgs, ContainerArgs, InferenceArgs, Operation, ServeArgs, Task};
    use tokio::{sync::oneshot, time::timeout};

    use super::*;
    use crate::zeroed_accounts::zeroed_job;

    fn inference() -> Operation {
        let model = ALL_MINILM_L6_V2.digest();
        let args = InferenceArgs::new(model, Task::Embedding, ["a sentence"]);
        Operation::InferenceRun { id: "embed".into(), args }
    }

    fn job_of_kind(kind: Kind) -> Job {
        Job { kind: kind as u8, ..zeroed_job() }
    }

    #[test]
    fn inference_of_a_public_batch_job_may_begin_early() {
        let once = JobDefinition::new(vec![inference()]);
        let twice = JobDefinition::new(vec![inference(), inference()]);

        for kind in [Kind::Batch, Kind::VerifiedBatch] {
            let job = job_of_kind(kind);
            assert!(may_begin_early(&job, &once) && may_begin_early(&job, &twice), "{kind:?}");
            assert!(!may_begin_early(&Job { is_private: 1, ..job }, &once), "{kind:?}");
        }
        assert!(!may_begin_early(&job_of_kind(Kind::Service), &once));
    }

    #[test]
    fn operations_with_effects_outside_this_machine_wait_for_the_start() {
        let id = || "op".to_owned();
        let serve = ServeArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding);
        let others = [
            Operation::InferenceServe { id: id(), args: serve },
            Operation::CommandRun { id: id(), args: CommandArgs::default() },
            Operation::ContainerRun {
                id: id(),
                args: ContainerArgs::default(),
                results: Default::default(),
                execution: Default::default(),
            },
        ];

        for other in others {
            let definition = JobDefinition::new(vec![inference(), other]);
            assert!(!may_begin_early(&job_of_kind(Kind::Batch), &definition), "{definition:?}");
        }
    }

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
        let live = LiveRun::batch(&JobDefinition::new(vec![inference()]));

        drop(BatchRun { operations, live, task });
        timeout(Duration::from_secs(60), has_ended).await.expect("it ends").unwrap();
    }
}
