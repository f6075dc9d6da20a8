//! What anyone may do with a job because one of its clocks has run out. The rules are the
//! protocol's; this reads the account's fields for them.

use nosana_protocol::{Overflow, job::State, units::UnixTimestamp};

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
/// A job that reads Queued may have been taken by a node, which only that node's slot tells: see
/// [`match_over`].
///
/// # Errors
/// If the account holds times that cannot be.
pub fn of(job: &Job, now: UnixTimestamp) -> Result<Option<Due>, Overflow> {
    let clocks = job.clocks();
    let (due, over) = match State::from_byte(job.state) {
        Some(State::Queued) => {
            (Due::ExpireQueued, clocks.queue_expired(UnixTimestamp(job.queued_at), now)?)
        }
        Some(State::Matched) => {
            (Due::ExpireMatch, match_over(job, UnixTimestamp(job.matched_at), now)?)
        }
        Some(State::Running) => (Due::ExpireRun, job.ending(now)?.is_some()),
        Some(State::Submitted) => {
            (Due::Settle, clocks.settleable(UnixTimestamp(job.submitted_at), now)?)
        }
        Some(State::Settled) => {
            let paid = job.node_credit == 0 && job.payer_credit == 0;
            (Due::Clean, paid && clocks.cleanable(UnixTimestamp(job.settled_at), now)?)
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
pub fn match_over(job: &Job, since: UnixTimestamp, now: UnixTimestamp) -> Result<bool, Overflow> {
    job.clocks().match_expired(since, now)
}
