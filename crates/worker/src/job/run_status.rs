//! Whether a run continues, by the chain's account of its job.

use std::fmt;

use anyhow::{Context, Result};
use nosana_client::jobs::accounts::Job;
use nosana_protocol::{
    ending::RunOutcome,
    job::{Kind, Reason},
    units::{Seconds, UnixTimestamp},
};
use solana_address::Address;

use crate::worker::Worker;

/// The part of a batch job's time that is kept for ending its operations and submitting their
/// result: a tenth, and at most 30 seconds.
const END_MARGIN_DIVISOR: u64 = 10;
const MAX_END_MARGIN_SECONDS: u64 = 30;

/// Whether a run continues, by its job's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RunStatus {
    /// The run continues.
    Running {
        /// The time that is left, unless the client buys more.
        time_left: Seconds,
        /// Whether only enough time is left to end the operations of a batch job and to submit
        /// what they produced: a partial result is paid, a late one is not. False for services.
        is_near_end: bool,
    },
    /// The run has ended on the chain, or anyone may end it.
    Stopped(StopReason),
}

/// Why a run stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StopReason {
    /// The paid time of a service is over.
    PaidTimeOver,
    /// The chain ended the run, or will, for this reason.
    Lost(String),
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PaidTimeOver => "its paid time is over",
            Self::Lost(reason) => reason,
        })
    }
}

impl RunStatus {
    fn lost(reason: impl Into<String>) -> Self {
        Self::Stopped(StopReason::Lost(reason.into()))
    }
}

impl Worker {
    /// Reads whether the run continues. The client may have stopped it, or bought more time.
    pub(super) async fn read_run_status(&self, address: Address) -> Result<RunStatus> {
        let (job, clock) = tokio::try_join!(
            self.session.find_account::<Job>(&address),
            self.session.fetch_clock()
        )?;
        let Some(job) = job else { return Ok(RunStatus::lost("the job is closed")) };
        let now = UnixTimestamp(clock.unix_timestamp);

        match (self.runs_here(&job), job.is_service()) {
            (true, true) => service_status(&job, now),
            (true, false) => Ok(batch_status(&job, now)),
            (false, true) => {
                let reason = Reason::from_byte(job.reason).unwrap_or(Reason::None);
                Ok(RunStatus::lost(format!("the chain ended it: {reason:?}")))
            }
            (false, false) => Ok(RunStatus::lost("the job ended before its result")),
        }
    }
}

/// Returns whether a batch job that runs here can still submit its result. A job whose deadline
/// overflows continues.
fn batch_status(job: &Job, now: UnixTimestamp) -> RunStatus {
    let started = UnixTimestamp(job.started_at);
    let Ok(deadline) = job.to_clocks().result_deadline(started, Seconds(job.timeout_seconds))
    else {
        return RunStatus::Running { time_left: Seconds(u64::MAX), is_near_end: false };
    };
    if now > deadline {
        return RunStatus::lost("its deadline has passed");
    }

    let time_left = deadline.seconds_since(now);
    RunStatus::Running { time_left, is_near_end: time_left.0 <= end_margin(job) }
}

/// Returns the part of a batch job's time that is kept for its end, in seconds. A verified job
/// needs twice as much: its work is sketched after it has ended.
fn end_margin(job: &Job) -> u64 {
    let total = job.timeout_seconds.saturating_add(job.finish_grace_seconds.into());
    let margin = (total / END_MARGIN_DIVISOR).min(MAX_END_MARGIN_SECONDS);
    if job.to_terms().kind == Kind::VerifiedBatch { margin.saturating_mul(2) } else { margin }
}

/// Returns whether an honest node may have cut the answers of this job, which has a result: only
/// near the end of its time.
pub(crate) fn may_be_cut(job: &Job) -> bool {
    let started = UnixTimestamp(job.started_at);
    let deadline = job.to_clocks().result_deadline(started, Seconds(job.timeout_seconds));
    let left = |end: UnixTimestamp| end.seconds_since(UnixTimestamp(job.submitted_at));
    deadline.is_ok_and(|deadline| left(deadline).0 <= end_margin(job))
}

/// Returns whether a service that runs here is still paid.
fn service_status(job: &Job, now: UnixTimestamp) -> Result<RunStatus> {
    let ending = job.find_ending(now).ok().context("the job's timestamps overflow")?;

    Ok(match ending {
        ending if is_paid_in_full(ending) => RunStatus::Stopped(StopReason::PaidTimeOver),
        // Missed heartbeats end the run only once somebody ends it. Until then a late one is
        // accepted, for instance after a halt of the cluster.
        ending => {
            let time_left = job.time_left(now).ok().context("the job's end overflows")?;
            if ending.is_some() && time_left == Seconds(0) {
                return Ok(RunStatus::lost("its heartbeats do not reach its end"));
            }
            RunStatus::Running { time_left, is_near_end: false }
        }
    })
}

/// Returns whether a run ends here because its whole time is proven.
pub(super) fn is_paid_in_full(ending: Option<RunOutcome>) -> bool {
    matches!(ending, Some(RunOutcome::Settle(Reason::Completed, _)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed_accounts::zeroed_job;

    fn job_of(kind: Kind) -> Job {
        let mut job = zeroed_job();
        job.kind = kind as u8;
        job.started_at = 1_000;
        job.heartbeat_at = 1_000;
        job.timeout_seconds = 90;
        job.heartbeat_seconds = 30;
        job.finish_grace_seconds = 10;
        job
    }

    #[test]
    fn a_batch_job_ends_in_time_for_its_result() {
        let job = job_of(Kind::Batch);
        let at = |now| batch_status(&job, UnixTimestamp(now));
        let running = |time_left, is_near_end| RunStatus::Running {
            time_left: Seconds(time_left),
            is_near_end,
        };

        assert_eq!(at(1_000), running(100, false));
        assert_eq!(at(1_089), running(11, false));
        assert_eq!(at(1_090), running(10, true));
        assert_eq!(at(1_100), running(0, true));
        assert_eq!(at(1_101), RunStatus::lost("its deadline has passed"));

        let endless = Job { timeout_seconds: u64::MAX, ..job };
        assert_eq!(batch_status(&endless, UnixTimestamp(1_000)), running(u64::MAX, false));
    }

    #[test]
    fn only_answers_near_the_end_may_be_cut() {
        let submitted = |submitted_at| Job { submitted_at, ..job_of(Kind::VerifiedBatch) };
        assert!(!may_be_cut(&submitted(1_079)));
        assert!(may_be_cut(&submitted(1_080)), "twice the margin of other jobs");
        assert!(!may_be_cut(&Job { timeout_seconds: u64::MAX, ..submitted(1_080) }));
        assert_eq!(
            batch_status(&submitted(0), UnixTimestamp(1_080)),
            RunStatus::Running { time_left: Seconds(20), is_near_end: true }
        );
    }

    #[test]
    fn a_service_ends_with_its_paid_time_or_its_heartbeats() {
        let silent = job_of(Kind::Service);
        let proven = Job { heartbeat_at: 1_080, ..silent };
        let at = |job: &Job, now| service_status(job, UnixTimestamp(now)).unwrap();

        assert_eq!(
            at(&silent, 1_010),
            RunStatus::Running { time_left: Seconds(80), is_near_end: false }
        );
        assert_eq!(
            at(&silent, 1_085),
            RunStatus::Running { time_left: Seconds(5), is_near_end: false },
            "nobody has ended it"
        );
        assert_eq!(at(&silent, 1_090), RunStatus::lost("its heartbeats do not reach its end"));
        assert_eq!(at(&proven, 1_090), RunStatus::Stopped(StopReason::PaidTimeOver));

        let endless = Job { timeout_seconds: u64::MAX, ..silent };
        assert!(service_status(&endless, UnixTimestamp(1_000)).is_err());
    }
}
