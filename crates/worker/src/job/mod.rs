//! One job: accept it, start it, run it, submit its result. Each step begins with the chain's
//! state, so a job survives any number of interruptions of the node.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`accept`] | check the definition, reserve its resources |
//! | [`start`] | start the job, or end it before the start |
//! | [`early`] | begin inference with the start, end it if the start fails |
//! | [`batch`] | run a batch job and produce its result |
//! | [`service`] | run a service until its paid time is over |
//! | [`execution`] | run the operations on a thread of their own |
//! | [`live`] | let clients reach its logs and ports |
//! | [`heartbeat`], [`run_status`] | prove that the node is alive, read whether the run continues |
//! | [`submit`] | read the result back, finish the job |
//! | [`give_back`] | quit or expire a job that this node cannot finish |
//! | [`return_reason`], [`public_text`] | why, for the chain and in words; what of them strangers read |

mod accept;
mod batch;
mod early;
mod execution;
mod give_back;
mod heartbeat;
mod live;
mod outcome;
mod public_text;
mod return_reason;
mod run_status;
mod service;
mod start;
mod submit;

use anyhow::Result;
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_protocol::job::State;
use solana_address::Address;

use self::start::StartOutcome;
pub(crate) use self::{outcome::JobOutcome, run_status::may_be_cut};
use crate::{
    event_sink::EventSink,
    events::{GaveBack, WorkerEvent},
    kill::kill_point,
    worker::Worker,
};

impl Worker {
    /// Drives a job that this node holds as far as possible.
    pub(crate) async fn drive_job(
        &self,
        address: Address,
        events: &EventSink,
    ) -> Result<JobOutcome> {
        let Some(job) = self.session.find_account::<Job>(&address).await? else {
            return self.forget_job(address, GaveBack::Lost, "the job is closed", events);
        };
        let Some(active) = self.begin_private(address, &job)? else {
            let taken = self.take_content(address);
            let driven = self.drive_known_job(address, job, events).await;
            // The work on any other job goes on: its client need not send everything again.
            if matches!(driven, Ok(outcome) if outcome != JobOutcome::Unknown) {
                self.discard_content(taken);
            }
            return driven;
        };

        let driven = self.drive_known_job(address, job, events).await;
        drop(active);
        // Any other outcome may rest on a read that is stale, and nobody else has the result.
        if matches!(driven, Ok(JobOutcome::Refused)) {
            self.discard_private(address).await;
        }
        driven
    }

    async fn drive_known_job(
        &self,
        address: Address,
        mut job: Job,
        events: &EventSink,
    ) -> Result<JobOutcome> {
        let mut accepted = None;
        if job.state == State::Queued as u8 || job.state == State::Matched as u8 {
            events.emit(WorkerEvent::Took { job: address });
            match self.start_job(address, &job, events).await? {
                StartOutcome::Running(started) => accepted = Some(started),
                StartOutcome::Ended(outcome) => return Ok(outcome),
            }
            kill_point("after-start");
            job = self.session.fetch_account::<Job>(&address).await?;
        }

        if job.node == self.node && has_ended_with_result(&job) {
            // The slots were read before the result landed.
            return Ok(JobOutcome::Unknown);
        }
        if !self.runs_here(&job) {
            let reason = "the job no longer belongs to this node";
            return self.forget_job(address, GaveBack::Lost, reason, events);
        }

        let accepted = match accepted {
            Some(accepted) => Ok(accepted),
            None => self.resume_job(address, &job).await?,
        };
        events.emit(WorkerEvent::Started { job: address });
        self.publish_inputs(address, &job).await;

        if job.is_service() {
            self.run_service(address, &job, accepted, events).await
        } else {
            self.run_batch(address, &job, accepted, events).await
        }
    }

    /// Returns whether the job runs on this node.
    pub(crate) fn runs_here(&self, job: &Job) -> bool {
        job.state == State::Running as u8 && job.node == self.node
    }

    /// Returns whether the chain has this result of this node.
    pub(crate) fn has_result(&self, job: &Job, result: &ContentId) -> bool {
        has_ended_with_result(job) && job.node == self.node && job.result == result.digest()
    }
}

/// Returns whether the job's state follows the submission of a result.
fn has_ended_with_result(job: &Job) -> bool {
    let ended = [State::Submitted, State::Challenged, State::Settled];
    ended.iter().any(|state| job.state == *state as u8)
}
