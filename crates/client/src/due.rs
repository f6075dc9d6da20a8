//! What anyone may do with a job because one of its clocks has run out. The rules are in
//! [`nosana_protocol`]; this module reads the account's fields for them.

use nosana_protocol::{Overflow, job::State, units::UnixTimestamp};

use crate::jobs::accounts::Job;

/// An instruction that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The job has waited in the queue for too long: its deposit is refunded.
    ExpireQueued,
    /// The node that was matched with the job did not start it: the job is queued again.
    ExpireMatch,
    /// The node sent no heartbeat in time, or the run has reached its end.
    ExpireRun,
    /// The challenge window of the result is over: the node is paid.
    Settle,
    /// The retention of the settled job is over: the account is closed and its rent refunded.
    Clean,
}

/// Returns the instruction that is due at `now`; `None` while no clock has run out.
///
/// A node may have taken a job whose state is Queued; only that node's slot names it: see
/// [`match_over`].
///
/// # Errors
/// [`Overflow`] if a timestamp overflows `i64`.
pub fn find_due(job: &Job, now: UnixTimestamp) -> Result<Option<Due>, Overflow> {
    let clocks = job.to_clocks();
    let (due, is_over) = match State::from_byte(job.state) {
        Some(State::Queued) => {
            (Due::ExpireQueued, clocks.queue_expired(UnixTimestamp(job.queued_at), now)?)
        }
        Some(State::Matched) => {
            (Due::ExpireMatch, is_match_expired(job, UnixTimestamp(job.matched_at), now)?)
        }
        Some(State::Running) => (Due::ExpireRun, job.find_ending(now)?.is_some()),
        Some(State::Submitted) => {
            (Due::Settle, clocks.is_settleable(UnixTimestamp(job.submitted_at), now)?)
        }
        Some(State::Settled) => {
            let is_paid = job.node_credit == 0 && job.payer_credit == 0;
            (Due::Clean, is_paid && clocks.is_cleanable(UnixTimestamp(job.settled_at), now)?)
        }
        // The dispute decides: see [`crate::disputes`].
        Some(State::Challenged) | None => return Ok(None),
    };

    Ok(is_over.then_some(due))
}

/// Whether a node that was given the job at `since`, and has not started it, is late.
///
/// # Errors
/// [`Overflow`] if a timestamp overflows `i64`.
pub fn is_match_expired(
    job: &Job,
    since: UnixTimestamp,
    now: UnixTimestamp,
) -> Result<bool, Overflow> {
    job.to_clocks().match_expired(since, now)
}
