//! A service: its operations run until its paid time is over, or the chain takes the job away.
//!
//! The program takes no result of a service and pays for the time that heartbeats proved. So the
//! node ends the operations, stores what they produced, names that in a last heartbeat's
//! checkpoint, and lets the chain settle the run.
//!
//! Operations that end by themselves are restarted, as any service supervisor does. The chain
//! counts every promised second that is not served against the node, so clients could otherwise
//! ruin a node's reputation with services that end at once, and pay for a second.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`operations`] | run the operations, and restart them |
//! | [`restart_count`] | how often they have |
//! | [`watch`] | heartbeats, the run's status, the settlement |

mod operations;
mod restart_count;
mod watch;

use anyhow::{Context, Result};
use nosana_client::jobs::accounts::Job;
use nosana_protocol::{job::Reason, units::UnixTimestamp};
use solana_address::Address;

use self::operations::ServiceRun;
use super::{
    accept::Accepted,
    outcome::JobOutcome,
    return_reason::ReturnReason,
    run_status::{StopReason, is_paid_in_full},
};
use crate::{
    event_sink::EventSink,
    events::{GaveBack, WorkerEvent},
    journal::JournalEntry,
    worker::Worker,
};

impl Worker {
    /// Runs a service that this node has started, or resumes one whose node process died, and waits
    /// for its settlement.
    pub(super) async fn run_service(
        &self,
        address: Address,
        job: &Job,
        accepted: Result<Accepted>,
        events: &EventSink,
    ) -> Result<JobOutcome> {
        let now = UnixTimestamp(self.session.fetch_clock().await?.unix_timestamp);
        let ending = job.find_ending(now).ok().context("the job's timestamps overflow")?;
        let earlier = self.journal.find_run(&address, job.definition, job.started_at);

        let run = match earlier.as_ref().and_then(|entry| entry.result) {
            Some(result) if is_paid_in_full(ending) => {
                events.emit(WorkerEvent::Recovered { job: address });
                ServiceRun { stop_reason: StopReason::PaidTimeOver, result: Some(result) }
            }
            result if ending.is_some() => {
                let reason = "the node was away for too long".to_owned();
                ServiceRun { stop_reason: StopReason::Lost(reason), result }
            }
            _ => {
                let is_resumed = earlier.is_some();
                match self.serve_until_stopped(address, job, &accepted, is_resumed, events).await? {
                    Ok(run) => run,
                    Err(reason) => return self.give_back(address, &reason, events).await,
                }
            }
        };

        if let (Some(result), StopReason::PaidTimeOver) = (&run.result, &run.stop_reason) {
            self.send_final_heartbeat(address, job, result, events).await;
        }
        let job = self.wait_for_settlement(address, events).await?;
        self.record_end(address, job, &run, events)
    }

    /// Runs the operations until the chain ends the run, and keeps what they produced in the
    /// journal. The inner error: why this node cannot run them.
    async fn serve_until_stopped(
        &self,
        address: Address,
        job: &Job,
        accepted: &Result<Accepted>,
        is_resumed: bool,
        events: &EventSink,
    ) -> Result<Result<ServiceRun, ReturnReason>> {
        let definition = match accepted {
            Ok(accepted) => &accepted.definition,
            Err(error) => return Ok(Err(ReturnReason::from_error(error))),
        };
        let entry = JournalEntry::new(job.definition, job.started_at);
        self.journal.put_entry(&address, entry.clone())?;

        let run = self.run_operations(address, job, definition, is_resumed, events).await?;

        if let Ok(ServiceRun { result: Some(result), .. }) = &run {
            self.journal.put_entry(&address, JournalEntry { result: Some(*result), ..entry })?;
        }
        Ok(run)
    }

    /// Reports how the settled service ended, and removes it from the journal.
    fn record_end(
        &self,
        address: Address,
        job: Option<Job>,
        run: &ServiceRun,
        events: &EventSink,
    ) -> Result<JobOutcome> {
        let Some(job) = job else {
            return self.forget_job(address, GaveBack::Lost, "the job is closed", events);
        };

        let reason = Reason::from_byte(job.reason).unwrap_or(Reason::None);
        let split = job.compute_split(reason, UnixTimestamp(job.settled_at));
        let paid_seconds = split.map_or(0, |(seconds, _)| seconds.0);
        let result = run.result.map_or_else(|| "none".to_owned(), |result| result.to_string());
        tracing::info!(job = %address, ?reason, paid_seconds, result, "the service is settled");

        match reason {
            Reason::Completed | Reason::ClientStopped => {
                self.journal.remove_entry(&address)?;
                events.emit(WorkerEvent::Finished { job: address });
                Ok(JobOutcome::Finished)
            }
            _ => {
                let why = format!(
                    "{}; settled as {reason:?}, paid for {paid_seconds} s",
                    run.stop_reason
                );
                self.forget_job(address, GaveBack::Lost, &why, events)
            }
        }
    }
}
