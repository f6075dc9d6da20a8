//! Inference that begins before the chain has the job's start.

use std::{sync::Arc, time::Duration};

use nosana_client::jobs::accounts::Job;
use nosana_job_spec::JobDefinition;
use solana_address::Address;
use tokio::time::timeout;

use super::execution::{BatchEnd, BatchRun};
use crate::worker::Worker;

/// Longest time to wait for operations that were cancelled. A network ends within one text or
/// token.
const END_TIMEOUT: Duration = Duration::from_secs(2);
/// The part of a job's start clock that such a wait takes at most: it has to go back, or to start
/// after all, before that clock runs out.
const END_SHARE: u32 = 10;

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
}

/// Cancels the operations of a job that does not start, and waits until they have ended: otherwise
/// they would use the machine beside the next job, or beside the next attempt to start this one.
pub(super) async fn end_early_run(address: Address, job: &Job, run: BatchRun) {
    let limit = end_limit(job);
    let BatchRun { operations, task, .. } = run;
    operations.cancel.cancel();

    match timeout(limit, task).await {
        Ok(Ok(BatchEnd { seconds, produced })) => {
            let outcome = match produced {
                Ok(_) => "it was complete".to_owned(),
                Err(error) => format!("{error:#}"),
            };
            tracing::info!(
                job = %address,
                seconds,
                outcome,
                "discarded the work of a job without a start"
            );
        }
        Ok(Err(error)) => tracing::warn!(job = %address, %error, "the operations crashed"),
        Err(_) => {
            tracing::warn!(job = %address, "the operations still run {limit:?} after their end");
        }
    }
}

/// Returns how long to wait for the operations of a job that does not start.
fn end_limit(job: &Job) -> Duration {
    END_TIMEOUT.min(Duration::from_secs(u64::from(job.start_seconds)) / END_SHARE)
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
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        thread::sleep,
    };

    use anyhow::anyhow;
    use nosana_engine::ALL_MINILM_L6_V2;
    use nosana_job_spec::{CommandArgs, ContainerArgs, InferenceArgs, Operation, ServeArgs, Task};
    use nosana_protocol::job::Kind;
    use nosana_sandbox::CancelToken;
    use tokio::task::spawn_blocking;

    use super::*;
    use crate::{job::execution::CancelOnDrop, live_jobs::LiveRun, zeroed_accounts::zeroed_job};

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

    #[test]
    fn the_wait_for_their_end_leaves_the_job_its_start_clock() {
        let limit = |start_seconds| end_limit(&Job { start_seconds, ..zeroed_job() });
        assert_eq!(limit(10), Duration::from_secs(1));
        assert_eq!(limit(600), END_TIMEOUT);
    }

    #[tokio::test]
    async fn the_operations_of_a_job_without_a_start_have_ended_when_it_goes_back() {
        let cancel = CancelToken::default();
        let operations = CancelOnDrop { cancel: cancel.clone() };
        let has_ended = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&has_ended);
        let task = spawn_blocking(move || {
            while !cancel.is_cancelled() {
                sleep(Duration::from_millis(1));
            }
            // A network completes the text that it has begun.
            sleep(Duration::from_millis(100));
            ended.store(true, Ordering::Relaxed);
            BatchEnd { seconds: 0.1, produced: Err(anyhow!("it was cancelled")) }
        });
        let live = LiveRun::batch(&JobDefinition::new(Vec::new()));

        let job = Job { start_seconds: 60, ..zeroed_job() };
        end_early_run(Address::default(), &job, BatchRun { operations, live, task }).await;
        assert!(has_ended.load(Ordering::Relaxed));
    }
}
