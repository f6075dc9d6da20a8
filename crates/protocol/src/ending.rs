//! How a run ends when neither its node nor its client ends it.

use crate::{
    Overflow,
    clocks::{self, Clocks},
    job::{Kind, Reason},
    units::{Seconds, UnixTimestamp},
};

/// The times of a run that its clocks are measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunTimes {
    /// Batch or service.
    pub kind: Kind,
    /// When the run started and pay began.
    pub started: UnixTimestamp,
    /// The last heartbeat.
    pub heartbeat: UnixTimestamp,
    /// The longest paid time.
    pub timeout: Seconds,
    /// Time of a service that late heartbeats left unproven; see [`silence_before`].
    pub silent: Seconds,
}

/// Who ends a run whose clock has run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The client of the job, or its payer.
    Client,
    /// Anyone else.
    Stranger,
}

/// The outcome of a run whose clock has run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunOutcome {
    /// The escrow is allocated, for this reason and after this much proven work.
    Settle(Reason, Seconds),
    /// The job returns to the queue, and no one is paid.
    Requeue,
}

/// Returns the outcome of `run` at `now`; `None` while no clock has run out.
///
/// - A batch job past its deadline is refunded in full. A batch job whose node missed a heartbeat
///   before the deadline is requeued for another node.
///   If its own client ends it, the node is paid up to the last heartbeat instead: a client gains
///   nothing by keeping the node's heartbeats from landing.
/// - A service is paid until its timeout if its heartbeats reach that far, else until the last
///   heartbeat; without the time that late heartbeats left unproven.
pub fn outcome_at(
    run: &RunTimes,
    clocks: &Clocks,
    now: UnixTimestamp,
    caller: Caller,
) -> Result<Option<RunOutcome>, Overflow> {
    match run.kind {
        Kind::Batch | Kind::VerifiedBatch => {
            if now > clocks.result_deadline(run.started, run.timeout)? {
                return Ok(Some(RunOutcome::Settle(Reason::DeadlineExceeded, Seconds(0))));
            }
            if !clocks.heartbeat_lost(run.heartbeat, now)? {
                return Ok(None);
            }

            Ok(Some(match caller {
                Caller::Client => {
                    let proven = run.heartbeat.seconds_since(run.started);
                    RunOutcome::Settle(Reason::HeartbeatLost, proven)
                }
                Caller::Stranger => RunOutcome::Requeue,
            }))
        }
        Kind::Service => {
            let end = run.started.checked_add(run.timeout)?;

            if clocks.heartbeat_lost(run.heartbeat, now.min(end))? {
                let until = run.heartbeat.seconds_since(run.started);
                return Ok(Some(RunOutcome::Settle(
                    Reason::HeartbeatLost,
                    until.without(run.silent),
                )));
            }

            let proven = run.timeout.without(run.silent);
            Ok((now >= end).then_some(RunOutcome::Settle(Reason::Completed, proven)))
        }
    }
}

/// Returns the xNOS that the owner's own stake must keep while a job runs that requires `min_xnos`:
/// any at all, or none if the job requires none.
///
/// So only the owner's own leaving, or a slash of all it has, ends a run. A higher bound would let
/// one penalty, for one slot, end all runs of an owner who staked just enough, and would let a
/// delegator take away the pay of finished work by leaving.
pub const fn min_own_xnos(min_xnos: u64) -> u64 {
    if min_xnos == 0 { 0 } else { 1 }
}

/// Returns the outcome of `run` at `now` when the stake behind its node no longer has the xNOS that
/// it must keep.
///
/// A batch job is requeued for another node. A service is paid for its proven time, since its
/// client had the use of it.
pub fn outcome_without_backing(
    run: &RunTimes,
    clocks: &Clocks,
    now: UnixTimestamp,
) -> Result<RunOutcome, Overflow> {
    Ok(match run.kind {
        Kind::Batch | Kind::VerifiedBatch => RunOutcome::Requeue,
        Kind::Service => RunOutcome::Settle(Reason::BackingLost, proven_seconds(run, clocks, now)?),
    })
}

/// Returns the time that a heartbeat at `now` leaves unproven: the whole time since the last one,
/// if the heartbeat clock had run out.
///
/// A late heartbeat is accepted until somebody ends the run, so that a halt of the cluster does not
/// end every run at once. A service is not paid for the time before it. A batch job is paid for its
/// result, whatever its heartbeats.
pub fn silence_before(
    run: &RunTimes,
    clocks: &Clocks,
    now: UnixTimestamp,
) -> Result<Seconds, Overflow> {
    match run.kind {
        Kind::Batch | Kind::VerifiedBatch => Ok(Seconds(0)),
        Kind::Service => {
            let until = now.min(run.started.checked_add(run.timeout)?);
            if clocks.heartbeat_lost(run.heartbeat, until)? {
                Ok(until.seconds_since(run.heartbeat))
            } else {
                Ok(Seconds(0))
            }
        }
    }
}

/// Returns the seconds of work that `run` has proven at `now`. A service owes no heartbeats after
/// its end.
pub fn proven_seconds(
    run: &RunTimes,
    clocks: &Clocks,
    now: UnixTimestamp,
) -> Result<Seconds, Overflow> {
    let until = match run.kind {
        Kind::Batch | Kind::VerifiedBatch => now,
        Kind::Service => now.min(run.started.checked_add(run.timeout)?),
    };

    let proven = clocks::proven_between(clocks, run.started, run.heartbeat, until)?;
    Ok(proven.without(run.silent))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCKS: Clocks = Clocks {
        queue: Seconds(1_000),
        start: Seconds(10),
        heartbeat: Seconds(20),
        finish_grace: Seconds(5),
        challenge: Seconds(0),
        retention: Seconds(0),
        min_run: Seconds(0),
    };

    fn ending(kind: Kind, heartbeat: i64, now: i64) -> Option<RunOutcome> {
        let run = RunTimes {
            kind,
            started: UnixTimestamp(1_000),
            heartbeat: UnixTimestamp(heartbeat),
            timeout: Seconds(100),
            silent: Seconds(0),
        };
        outcome_at(&run, &CLOCKS, UnixTimestamp(now), Caller::Stranger).unwrap_or(None)
    }

    #[test]
    fn a_batch_job_gets_another_node_until_its_deadline() {
        assert_eq!(ending(Kind::Batch, 1_030, 1_050), None);
        assert_eq!(ending(Kind::Batch, 1_030, 1_051), Some(RunOutcome::Requeue));
        assert_eq!(ending(Kind::Batch, 1_100, 1_105), None);
        let failed = Some(RunOutcome::Settle(Reason::DeadlineExceeded, Seconds(0)));
        assert_eq!(ending(Kind::Batch, 1_100, 1_106), failed);
        assert_eq!(ending(Kind::Batch, 1_030, 1_106), failed, "the deadline outranks the silence");
    }

    #[test]
    fn a_service_is_paid_as_far_as_its_heartbeats_reach() {
        assert_eq!(ending(Kind::Service, 1_030, 1_050), None);
        let lost = Some(RunOutcome::Settle(Reason::HeartbeatLost, Seconds(30)));
        assert_eq!(ending(Kind::Service, 1_030, 1_051), lost);
        assert_eq!(ending(Kind::Service, 1_030, 9_999), lost);
        let whole = Some(RunOutcome::Settle(Reason::Completed, Seconds(100)));
        assert_eq!(ending(Kind::Service, 1_080, 1_099), None);
        assert_eq!(ending(Kind::Service, 1_080, 1_100), whole);
        assert_eq!(
            ending(Kind::Service, 1_080, 9_999),
            whole,
            "silence after the end costs nothing"
        );
        assert_eq!(
            ending(Kind::Service, 1_079, 9_999),
            Some(RunOutcome::Settle(Reason::HeartbeatLost, Seconds(79)))
        );
    }

    #[test]
    fn a_run_needs_some_stake_of_its_owner_however_much_the_job_requires() {
        for (required, kept) in [(0, 0), (1, 1), (9, 1), (u64::MAX, 1)] {
            assert_eq!(min_own_xnos(required), kept, "{required}");
        }
    }

    #[test]
    fn a_stop_after_the_end_of_a_service_pays_the_whole_of_it() {
        let run = |kind| RunTimes {
            kind,
            started: UnixTimestamp(1_000),
            heartbeat: UnixTimestamp(1_085),
            timeout: Seconds(100),
            silent: Seconds(0),
        };
        assert_eq!(
            proven_seconds(&run(Kind::Service), &CLOCKS, UnixTimestamp(9_999)),
            Ok(Seconds(100))
        );
        assert_eq!(
            proven_seconds(&run(Kind::Batch), &CLOCKS, UnixTimestamp(9_999)),
            Ok(Seconds(85)),
            "its silence is not paid"
        );
        assert_eq!(
            proven_seconds(&run(Kind::Service), &CLOCKS, UnixTimestamp(1_090)),
            Ok(Seconds(90))
        );
    }

    #[test]
    fn a_node_without_backing_loses_its_run() {
        let run = |kind| RunTimes {
            kind,
            started: UnixTimestamp(1_000),
            heartbeat: UnixTimestamp(1_035),
            timeout: Seconds(100),
            silent: Seconds(0),
        };
        assert_eq!(
            outcome_without_backing(&run(Kind::Batch), &CLOCKS, UnixTimestamp(1_040)),
            Ok(RunOutcome::Requeue)
        );
        let paid = RunOutcome::Settle(Reason::BackingLost, Seconds(40));
        assert_eq!(
            outcome_without_backing(&run(Kind::Service), &CLOCKS, UnixTimestamp(1_040)),
            Ok(paid)
        );
    }

    #[test]
    fn a_client_pays_for_the_work_before_the_silence_that_it_reports() {
        let run = RunTimes {
            kind: Kind::Batch,
            started: UnixTimestamp(1_000),
            heartbeat: UnixTimestamp(1_030),
            timeout: Seconds(100),
            silent: Seconds(0),
        };
        let at = |now| outcome_at(&run, &CLOCKS, UnixTimestamp(now), Caller::Client);
        assert_eq!(at(1_050), Ok(None));
        let paid = RunOutcome::Settle(Reason::HeartbeatLost, Seconds(30));
        assert_eq!(at(1_051), Ok(Some(paid)));
        let failed = RunOutcome::Settle(Reason::DeadlineExceeded, Seconds(0));
        assert_eq!(at(1_106), Ok(Some(failed)));
    }

    #[test]
    fn a_service_is_not_paid_for_the_silence_before_a_late_heartbeat() {
        let run = |heartbeat, silent| RunTimes {
            kind: Kind::Service,
            started: UnixTimestamp(1_000),
            heartbeat: UnixTimestamp(heartbeat),
            timeout: Seconds(100),
            silent: Seconds(silent),
        };
        let silence = |now| silence_before(&run(1_030, 0), &CLOCKS, UnixTimestamp(now));
        assert_eq!((silence(1_050), silence(1_051)), (Ok(Seconds(0)), Ok(Seconds(21))));
        assert_eq!(silence(9_999), Ok(Seconds(70)), "no heartbeats are due after the end");
        let batch = RunTimes { kind: Kind::Batch, ..run(1_030, 0) };
        assert_eq!(silence_before(&batch, &CLOCKS, UnixTimestamp(1_051)), Ok(Seconds(0)));

        let late = run(1_060, 30);
        let at = |now| outcome_at(&late, &CLOCKS, UnixTimestamp(now), Caller::Stranger);
        let lost = RunOutcome::Settle(Reason::HeartbeatLost, Seconds(30));
        assert_eq!(at(1_081), Ok(Some(lost)));
        let whole = outcome_at(&run(1_090, 30), &CLOCKS, UnixTimestamp(1_100), Caller::Client);
        assert_eq!(whole, Ok(Some(RunOutcome::Settle(Reason::Completed, Seconds(70)))));
        assert_eq!(proven_seconds(&late, &CLOCKS, UnixTimestamp(1_070)), Ok(Seconds(40)));
    }
}
