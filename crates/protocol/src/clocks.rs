//! The clocks of a job. Every wait has one, measured in the cluster's unix seconds.

use crate::{
    Overflow,
    units::{Seconds, UnixTimestamp},
};

/// The waits that a client agreed to when the job was listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    /// Longest wait in the queue.
    pub queue: Seconds,
    /// Longest time from a match to the start.
    pub start: Seconds,
    /// Longest time between two heartbeats.
    pub heartbeat: Seconds,
    /// Time from the end of the paid time to the last second in which a result is accepted.
    pub finish_grace: Seconds,
    /// Challenge window: time from the result to its settlement.
    pub challenge: Seconds,
    /// Time from the settlement until the account may be closed.
    pub retention: Seconds,
}

impl Clocks {
    /// Returns true if anyone may remove a job that has waited in the queue since `queued`.
    pub fn queue_expired(
        &self,
        queued: UnixTimestamp,
        now: UnixTimestamp,
    ) -> Result<bool, Overflow> {
        Ok(now > queued.checked_add(self.queue)?)
    }

    /// Returns the last second of the rest of a slot whose node gave a job back before the start.
    ///
    /// The job was taken at `matched`. Holding it until the match expires would not have freed the
    /// slot earlier, so a node cannot hold up more jobs than it has slots by refusing them.
    pub fn rest_after_refusal(&self, matched: UnixTimestamp) -> Result<UnixTimestamp, Overflow> {
        matched.checked_add(self.start)
    }

    /// Returns the last second of the rest of a slot whose node gave a running job back.
    ///
    /// The rest is as long as the heartbeat clock, and at least as long as the rest after a
    /// refusal, so that starting a job first is not a cheaper way to refuse it.
    pub fn rest_after_quit(&self, now: UnixTimestamp) -> Result<UnixTimestamp, Overflow> {
        now.checked_add(self.heartbeat.max(self.start))
    }

    /// Returns true if anyone may undo a match made at `matched`.
    pub fn match_expired(
        &self,
        matched: UnixTimestamp,
        now: UnixTimestamp,
    ) -> Result<bool, Overflow> {
        Ok(now > matched.checked_add(self.start)?)
    }

    /// Returns true if the last heartbeat is too long ago.
    pub fn heartbeat_lost(
        &self,
        heartbeat: UnixTimestamp,
        now: UnixTimestamp,
    ) -> Result<bool, Overflow> {
        Ok(now > heartbeat.checked_add(self.heartbeat)?)
    }

    /// Returns the last second in which a batch job's result is accepted.
    pub fn result_deadline(
        &self,
        started: UnixTimestamp,
        timeout: Seconds,
    ) -> Result<UnixTimestamp, Overflow> {
        started.checked_add(timeout)?.checked_add(self.finish_grace)
    }

    /// Returns true if the challenge window of a result is over.
    pub fn is_settleable(
        &self,
        submitted: UnixTimestamp,
        now: UnixTimestamp,
    ) -> Result<bool, Overflow> {
        Ok(now >= submitted.checked_add(self.challenge)?)
    }

    /// Returns true if a settled job's account may be closed.
    pub fn is_cleanable(
        &self,
        settled: UnixTimestamp,
        now: UnixTimestamp,
    ) -> Result<bool, Overflow> {
        Ok(now >= settled.checked_add(self.retention)?)
    }
}

/// Returns the time that a node proved between `started` and `now`: until its last heartbeat if the
/// heartbeat clock has run out since.
pub fn proven_between(
    clocks: &Clocks,
    started: UnixTimestamp,
    heartbeat: UnixTimestamp,
    now: UnixTimestamp,
) -> Result<Seconds, Overflow> {
    let until = if clocks.heartbeat_lost(heartbeat, now)? { heartbeat } else { now };

    Ok(until.seconds_since(started))
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
        retention: Seconds(60),
    };

    #[test]
    fn the_last_second_still_belongs_to_the_one_who_waits() {
        assert_eq!(CLOCKS.queue_expired(UnixTimestamp(100), UnixTimestamp(1_100)), Ok(false));
        assert_eq!(CLOCKS.queue_expired(UnixTimestamp(100), UnixTimestamp(1_101)), Ok(true));
        assert_eq!(CLOCKS.match_expired(UnixTimestamp(100), UnixTimestamp(110)), Ok(false));
        assert_eq!(CLOCKS.match_expired(UnixTimestamp(100), UnixTimestamp(111)), Ok(true));
        assert_eq!(CLOCKS.heartbeat_lost(UnixTimestamp(100), UnixTimestamp(120)), Ok(false));
        assert_eq!(CLOCKS.heartbeat_lost(UnixTimestamp(100), UnixTimestamp(121)), Ok(true));
        assert_eq!(CLOCKS.result_deadline(UnixTimestamp(100), Seconds(30)), Ok(UnixTimestamp(135)));
        assert_eq!(CLOCKS.is_cleanable(UnixTimestamp(100), UnixTimestamp(159)), Ok(false));
        assert_eq!(CLOCKS.is_cleanable(UnixTimestamp(100), UnixTimestamp(160)), Ok(true));
    }

    #[test]
    fn giving_back_frees_no_slot_earlier_than_holding_on() {
        let rest = CLOCKS.rest_after_refusal(UnixTimestamp(100)).unwrap();
        assert_eq!(CLOCKS.match_expired(UnixTimestamp(100), rest), Ok(false));
        let rest = CLOCKS.rest_after_quit(UnixTimestamp(100)).unwrap();
        assert_eq!(CLOCKS.heartbeat_lost(UnixTimestamp(100), rest), Ok(false));
    }

    #[test]
    fn no_challenge_window_settles_at_once() {
        assert_eq!(CLOCKS.is_settleable(UnixTimestamp(100), UnixTimestamp(100)), Ok(true));
        let with_window = Clocks { challenge: Seconds(1), ..CLOCKS };
        assert_eq!(with_window.is_settleable(UnixTimestamp(100), UnixTimestamp(100)), Ok(false));
    }

    #[test]
    fn silence_is_not_paid() {
        assert_eq!(
            proven_between(&CLOCKS, UnixTimestamp(100), UnixTimestamp(130), UnixTimestamp(140)),
            Ok(Seconds(40))
        );
        assert_eq!(
            proven_between(&CLOCKS, UnixTimestamp(100), UnixTimestamp(130), UnixTimestamp(151)),
            Ok(Seconds(30))
        );
    }
}
