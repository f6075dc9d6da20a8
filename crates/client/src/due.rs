//! What anyone may do with a job because one of its clocks has run out. The rules are the protocol's; this reads the
//! account's fields for them.

use nosana_protocol::{
    Overflow,
    clocks::Clocks,
    ending::{self, Run},
    job::{Kind, State},
    units::{Moment, Seconds},
};

use crate::jobs::accounts::Job;

/// An instruction whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The job waits in the queue for too long: the deposit goes back.
    ExpireQueued,
    /// The node that the job met did not start it: it waits again.
    ExpireMatch,
    /// The node fell silent, or its time is over.
    ExpireRun,
    /// The challenge window of the result is over: it is paid.
    Settle,
    /// The retention of the settled job is over: its rent goes back.
    Clean,
}

/// What is due at `now`; `None` as long as every clock runs.
///
/// A job that reads Queued may have been taken by a node, which only that node's slot tells: see [`match_over`].
///
/// # Errors
/// If the account holds times that cannot be.
pub fn of(job: &Job, now: Moment) -> Result<Option<Due>, Overflow> {
    let clocks = clocks(job);
    let (due, over) = match State::from_byte(job.state) {
        Some(State::Queued) => (Due::ExpireQueued, clocks.queue_expired(Moment(job.queued_at), now)?),
        Some(State::Matched) => (Due::ExpireMatch, match_over(job, Moment(job.matched_at), now)?),
        Some(State::Running) => (Due::ExpireRun, ending::of(&run(job), &clocks, now)?.is_some()),
        Some(State::Submitted) => (Due::Settle, clocks.settleable(Moment(job.submitted_at), now)?),
        Some(State::Settled) => {
            let paid = job.node_credit == 0 && job.payer_credit == 0;
            (Due::Clean, paid && clocks.cleanable(Moment(job.settled_at), now)?)
        }
        // No instruction leads to a challenge yet.
        Some(State::Challenged) | None => return Ok(None),
    };
    Ok(over.then_some(due))
}

/// Whether the node that holds the job since `since`, and has not started it, is late.
///
/// # Errors
/// If the account holds times that cannot be.
pub fn match_over(job: &Job, since: Moment, now: Moment) -> Result<bool, Overflow> {
    clocks(job).match_expired(since, now)
}

/// The run of a job, as far as its clocks are concerned.
pub fn run(job: &Job) -> Run {
    Run {
        kind: if job.kind == Kind::Batch as u8 { Kind::Batch } else { Kind::Service },
        started: Moment(job.started_at),
        heartbeat: Moment(job.heartbeat_at),
        timeout: Seconds(job.timeout_seconds),
    }
}

/// The clocks that were copied into the job when it was listed.
pub fn clocks(job: &Job) -> Clocks {
    Clocks {
        queue: Seconds(job.queue_seconds.into()),
        start: Seconds(job.start_seconds.into()),
        heartbeat: Seconds(job.heartbeat_seconds.into()),
        finish_grace: Seconds(job.finish_grace_seconds.into()),
        challenge: Seconds(job.challenge_seconds.into()),
        retention: Seconds(job.retention_seconds.into()),
    }
}
