//! The cost of a service.

use anyhow::{Context, Result};
use nosana_client::jobs::accounts::Job;
use nosana_protocol::{
    job::{Reason, State},
    settlement::Split,
    units::{Seconds, UnixTimestamp, WHOLE_BPS},
};

const TIMES_OVERFLOW: &str = "the numbers of the job's account overflow";

/// What the chain has paid for a service, or would pay if it ended now.
pub struct ServiceCost {
    /// Paid time that is left.
    pub time_left: Seconds,
    /// Time that is paid.
    pub paid_time: Seconds,
    /// The parts of the deposit.
    pub split: Split,
}

impl ServiceCost {
    /// Computes the cost at `now` of the chain's clock.
    pub fn compute(job: &Job, now: UnixTimestamp) -> Result<Self> {
        let is_settled = job.state == State::Settled as u8;
        let is_running = job.state == State::Running as u8;
        let (reason, end) = match Reason::from_byte(job.reason) {
            Some(reason) if is_settled => (reason, UnixTimestamp(job.settled_at)),
            Some(_) | None => (Reason::ClientStopped, now),
        };

        let (paid_time, split) = job.compute_split(reason, end).ok().context(TIMES_OVERFLOW)?;
        let time_left = job.time_left(now).ok().context(TIMES_OVERFLOW)?;
        let time_left = if is_running {
            time_left
        } else if is_settled {
            Seconds(0)
        } else {
            Seconds(job.timeout_seconds)
        };
        Ok(Self { time_left, paid_time, split })
    }
}

/// Whether the node reported in its last heartbeat that the service's operations have ended.
pub fn has_ended_early(job: &Job) -> bool {
    job.is_service() && job.checkpoint != [0; 32] && job.progress_bps == WHOLE_BPS
}

/// Advice about a service whose node has ended it early while the chain still counts it as running.
///
/// The node sends no more heartbeats. If their absence is noticed before the paid time ends, it
/// ends the service without cost. Otherwise the whole time would count as proven.
pub fn advise_client(job: &Job) -> Result<&'static str> {
    let run = job.to_run_times();
    let is_noticed = run
        .started
        .checked_add(run.timeout)
        .and_then(|end| job.to_clocks().heartbeat_lost(run.heartbeat, end));

    Ok(if is_noticed.ok().context(TIMES_OVERFLOW)? {
        "its node has ended it; wait, the missing heartbeats end it without further cost"
    } else {
        "its node has ended it; `nosana job stop` it now, or its whole time is paid"
    })
}
