//! A batch job: produce its result, or find the one of an interrupted run, while heartbeats prove
//! that the node is alive.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use nosana_client::{actions, jobs::accounts::Job};
use nosana_job_spec::{ContentId, JobDefinition, JobResult};
use nosana_protocol::job::{Kind, ReturnCause};
use solana_address::Address;
use tokio::{
    task::spawn_blocking,
    time::{Instant, interval_at, sleep},
};

use super::{
    accept::Accepted,
    execution::{BatchEnd, BatchRun, Produced},
    heartbeat::{Heartbeat, HeartbeatSender},
    outcome::JobOutcome,
    return_reason::ReturnReason,
    run_status::{RunStatus, StopReason},
    submit::Submission,
};
use crate::{
    dispute::trace::Trace,
    event_sink::EventSink,
    events::WorkerEvent,
    journal::JournalEntry,
    kill::kill_point,
    store_write::{RetryDelay, is_temporary},
    worker::Worker,
};

/// The pause between two reads of the run's status. Heartbeats may be days apart, and clients stop
/// jobs between them.
const STATUS_INTERVAL: Duration = Duration::from_secs(5);

/// Why a batch job has no result to submit.
enum BatchFailure {
    /// An operation failed, or its output in the store is damaged.
    Failed(String),
    /// The chain no longer accepts a result.
    Lost(String),
    /// The worker could not find out; the main loop drives the job again.
    Interrupted(anyhow::Error),
}

impl From<anyhow::Error> for BatchFailure {
    fn from(error: anyhow::Error) -> Self {
        Self::Interrupted(error)
    }
}

impl Worker {
    /// Runs a batch job that this node has started, and submits its result or gives the job back.
    pub(super) async fn run_batch(
        &self,
        address: Address,
        job: &Job,
        accepted: Result<Accepted>,
        events: &EventSink,
    ) -> Result<JobOutcome> {
        // Holds the reservation until the job has ended.
        let mut accepted = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                let reason = ReturnReason::from_error(&error);
                return self.give_back(address, &reason, events).await;
            }
        };

        let early = accepted.early.take();
        match self.produce_result(address, job, &accepted.definition, early, events).await {
            Ok(submission) => self.submit_result(address, job, &submission, events).await,
            Err(BatchFailure::Failed(text)) => {
                let reason = ReturnReason::new(ReturnCause::NodeFault, text);
                self.give_back(address, &reason, events).await
            }
            Err(BatchFailure::Lost(reason)) => self.end_lost_run(address, &reason, events).await,
            Err(BatchFailure::Interrupted(error)) => Err(error),
        }
    }

    /// Produces a result that was read back from the store and answers the job, by the operations
    /// that began `early` if there are some. The journal has it, and the trace of a verified job,
    /// when this returns.
    async fn produce_result(
        &self,
        address: Address,
        job: &Job,
        definition: &Arc<JobDefinition>,
        early: Option<BatchRun>,
        events: &EventSink,
    ) -> Result<Submission, BatchFailure> {
        if let Some(submission) = self.recover_result(address, job, definition).await? {
            events.emit(WorkerEvent::Recovered { job: address });
            return Ok(submission);
        }

        let mut entry = JournalEntry::new(job.definition, job.started_at);
        // The chain may know an earlier trace of this run: it is replaced with its result.
        let earlier = self.journal.find_run(&address, job.definition, job.started_at);
        if earlier.is_none_or(|earlier| earlier.trace.is_none()) {
            self.journal.put_entry(&address, entry.clone())?;
        }

        let run = early.unwrap_or_else(|| self.spawn_batch(address, job, definition));
        let Produced { result, sketch } = self.execute_batch(address, job, run, events).await?;
        let result = self.store_result(address, job, result, events).await?;
        kill_point("before-journal");
        if let Err(reason) = self.verify_stored_result(address, result, job, definition).await? {
            return Err(BatchFailure::Failed(format!("{reason:#}")));
        }

        entry.result = Some(result);
        entry.trace = sketch.map(Trace::new);
        let submission = self.submission_of(address, result, entry.trace.as_ref());
        self.journal.put_entry(&address, entry)?;
        Ok(submission)
    }

    fn submission_of(
        &self,
        address: Address,
        result: ContentId,
        trace: Option<&Trace>,
    ) -> Submission {
        let commitment = trace.map(|trace| trace.commit_to(&self.node, &address));
        Submission { result, trace: commitment.unwrap_or(actions::NO_TRACE) }
    }

    /// Returns the result that this run stored before the node was interrupted, if it is valid.
    async fn recover_result(
        &self,
        address: Address,
        job: &Job,
        definition: &Arc<JobDefinition>,
    ) -> Result<Option<Submission>> {
        let entry = self.journal.find_run(&address, job.definition, job.started_at);
        let Some(JournalEntry { result: Some(result), trace, .. }) = entry else {
            return Ok(None);
        };
        if trace.is_none() && job.to_terms().kind == Kind::VerifiedBatch {
            return Ok(None);
        }

        match self.verify_stored_result(address, result, job, definition).await? {
            Ok(()) => Ok(Some(self.submission_of(address, result, trace.as_ref()))),
            Err(reason) => {
                tracing::warn!(
                    job = %address,
                    "the earlier result is damaged; running the job again: {reason:#}"
                );
                Ok(None)
            }
        }
    }

    /// Waits for the operations and sends heartbeats meanwhile. Ends the operations shortly before
    /// the job's deadline; cancels them once the job can no longer be paid.
    async fn execute_batch(
        &self,
        address: Address,
        job: &Job,
        run: BatchRun,
        events: &EventSink,
    ) -> Result<Produced, BatchFailure> {
        // If this future is dropped, the operations end as well.
        let BatchRun { operations, live, mut task } = run;
        let _registered = self.register_run(address, job, live);
        kill_point("executing");

        let begun = Instant::now();
        let sender = HeartbeatSender::new(address, job);
        let mut heartbeat_ticks = interval_at(begun + sender.interval(), sender.interval());
        let mut status_ticks = interval_at(begun + STATUS_INTERVAL, STATUS_INTERVAL);
        // A heartbeat is sent while the operations run, so that a result does not wait for its
        // confirmation.
        let mut heartbeat = None;

        let BatchEnd { seconds, produced } = loop {
            tokio::select! {
                ended = &mut task => break ended.context("the operations crashed")?,
                _ = heartbeat_ticks.tick(), if heartbeat.is_none() => {
                    heartbeat = Some(Box::pin(self.prove_batch_alive(&sender, events)));
                }
                _ = status_ticks.tick() => match self.read_run_status(address).await {
                    Ok(RunStatus::Running { is_near_end: false, .. }) => {}
                    Ok(RunStatus::Running { is_near_end: true, .. }) => {
                        operations.cancel.request_stop();
                    }
                    Ok(RunStatus::Stopped(reason)) => {
                        operations.cancel.cancel();
                        return Err(BatchFailure::Lost(reason.to_string()));
                    }
                    Err(error) => {
                        events.emit_problem(format!("cannot read the job {address}: {error:#}"));
                    }
                },
                stopped = async {
                    match &mut heartbeat {
                        Some(heartbeat) => heartbeat.await,
                        None => None,
                    }
                }, if heartbeat.is_some() => {
                    heartbeat = None;
                    if let Some(reason) = stopped {
                        operations.cancel.cancel();
                        return Err(BatchFailure::Lost(reason.to_string()));
                    }
                }
            }
        };

        events.emit(WorkerEvent::Executed { job: address, seconds });
        produced.map_err(|error| BatchFailure::Failed(format!("{error:#}")))
    }

    /// Sends one heartbeat and reads the run's status. Returns the reason if the run has stopped;
    /// after any other failure the next heartbeat tries again.
    async fn prove_batch_alive(
        &self,
        sender: &HeartbeatSender,
        events: &EventSink,
    ) -> Option<StopReason> {
        if let Some(refusal) = self.send_heartbeat(sender, Heartbeat::for_batch(), events).await {
            return Some(StopReason::Lost(format!("the job ended before its result: {refusal}")));
        }

        match self.read_run_status(sender.job()).await {
            Ok(RunStatus::Stopped(reason)) => Some(reason),
            Ok(RunStatus::Running { .. }) => None,
            Err(error) => {
                events.emit_problem(format!("cannot compare the deadline: {error:#}"));
                None
            }
        }
    }

    /// Stores the result, and retries while the chain accepts it: finished work must survive an
    /// IPFS node that pauses and a disk that is full for a while.
    async fn store_result(
        &self,
        address: Address,
        job: &Job,
        result: JobResult,
        events: &EventSink,
    ) -> Result<ContentId, BatchFailure> {
        let result = Arc::new(result);
        let sender = HeartbeatSender::new(address, job);
        let mut delay = RetryDelay::default();

        loop {
            let store = self.job_store(&address, job)?;
            let content = Arc::clone(&result);
            let storing = spawn_blocking(move || store.put_json(&*content));
            let error = match storing.await.context("the store crashed")? {
                Ok(id) => return Ok(id),
                Err(error) if is_temporary(&error) => error,
                Err(error) => {
                    return Err(BatchFailure::Failed(format!("cannot store the result: {error}")));
                }
            };
            events.emit_problem(format!(
                "cannot store the result of {address}: {error}; trying again"
            ));

            if let Some(reason) = self.prove_batch_alive(&sender, events).await {
                return Err(BatchFailure::Lost(reason.to_string()));
            }
            sleep(delay.next_delay()).await;
        }
    }
}
