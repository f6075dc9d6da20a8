//! The clocks of a job. Every wait has one, measured in the cluster's unix seconds.

use crate::{
    Overflow,
    units::{Amount, SECONDS_PER_DAY, Seconds, UnixTimestamp},
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
    /// Shortest time from the start of a batch job until its slot is free again.
    pub min_run: Seconds,
}

/// Shortest rest of a slot that gave a job back.
pub const MIN_REST: Seconds = Seconds(5);
/// For how many start clocks of its job a refusal makes the rests after the next ones longer.
pub const REFUSAL_MEMORY: u64 = 8;
/// How long after the start clock the penalty for a job that was not started is due.
pub const PENALTY_VALIDITY: Seconds = Seconds(60 * SECONDS_PER_DAY);
/// How long a credit can be collected after the job's retention, before it is forfeited.
pub const COLLECTION: Seconds = Seconds(30 * SECONDS_PER_DAY);
/// How long a paid panelist has to wait while a seat is open that loses by its vote: nobody gets a
/// reward for closing that.
pub const UNREWARDED_FIRST: Seconds = Seconds(7 * SECONDS_PER_DAY);
/// A credit below this amount is forfeited as soon as the job's retention is over: collecting it
/// costs more than it is worth.
pub const DUST: Amount = Amount(1_000);

impl Clocks {
    /// Returns true if anyone may remove a job that has waited in the queue since `queued`.
    pub fn queue_expired(
        &self,
        queued: UnixTimestamp,
        now: UnixTimestamp,
    ) -> Result<bool, Overflow> {
        Ok(now > queued.checked_add(self.queue)?)
    }

    /// Returns the end of the rest of a slot that did not start its job: as long as the slot held the
    /// job, at least [`MIN_REST`] and at most the start clock.
    ///
    /// The shortest rest doubles with each refusal that counts, until none of them is remembered
    /// ([`remembered_refusals`]): a node that refuses a job now and then rests for
    /// seconds, and one that takes everything from the queue and refuses it gets few more jobs than
    /// by holding each of them for the whole start clock. A start in between changes nothing: a
    /// node could list and start a job of its own.
    ///
    /// A refusal counts if the node took the job, or did not start it in time. It does not count if
    /// the job was matched with a waiting node that gave it back: others could list jobs that the
    /// node cannot run, and keep its slots from work.
    pub fn rest_after_refusal(
        &self,
        matched: UnixTimestamp,
        now: UnixTimestamp,
        refusals: u8,
    ) -> Result<UnixTimestamp, Overflow> {
        let held = now.seconds_since(matched);
        let doublings = u32::from(refusals).min(32);
        let shortest = Seconds(MIN_REST.0.checked_shl(doublings).ok_or(Overflow)?);

        now.checked_add(held.max(shortest).min(self.start))
    }

    /// Returns until when the refusals of a slot are remembered that refuses a job at `now`, and
    /// whose earlier refusals are remembered until `remembered_until`: for [`REFUSAL_MEMORY`] start
    /// clocks, and no shorter than before. Otherwise an owner could clear the memory in a market of
    /// its own with a short start clock.
    pub fn remember_refusal(
        &self,
        remembered_until: UnixTimestamp,
        now: UnixTimestamp,
    ) -> Result<UnixTimestamp, Overflow> {
        let memory = self.start.0.checked_mul(REFUSAL_MEMORY).ok_or(Overflow)?;

        Ok(now.checked_add(Seconds(memory))?.max(remembered_until))
    }

    /// Returns true if a node that did not start a job still owes its penalty: 60 days after the start
    /// clock it does not, so that a staking program that refuses to slash keeps no job for ever.
    pub fn owes_penalty(
        &self,
        matched: UnixTimestamp,
        now: UnixTimestamp,
    ) -> Result<bool, Overflow> {
        let until = matched.checked_add(self.start)?.checked_add(PENALTY_VALIDITY)?;
        Ok(now <= until)
    }

    /// Returns the end of the rest of a slot that submitted a result at `now`; `None` if it does not
    /// rest.
    pub fn rest_after_result(
        &self,
        started: UnixTimestamp,
        now: UnixTimestamp,
    ) -> Result<Option<UnixTimestamp>, Overflow> {
        let until = started.checked_add(self.min_run)?;
        Ok((until > now).then_some(until))
    }

    /// Returns true if anyone may turn a credit of a settled job into fees.
    pub fn is_forfeitable(
        &self,
        credit: Amount,
        settled: UnixTimestamp,
        now: UnixTimestamp,
    ) -> Result<bool, Overflow> {
        let collected_until = settled.checked_add(self.retention)?.checked_add(COLLECTION)?;
        let is_due = credit < DUST || now >= collected_until;

        Ok(credit > Amount::ZERO && is_due && self.is_cleanable(settled, now)?)
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

/// Returns how many refusals count of a slot whose `refusals` are remembered until
/// `remembered_until`.
pub fn remembered_refusals(
    refusals: u8,
    remembered_until: UnixTimestamp,
    now: UnixTimestamp,
) -> u8 {
    if now > remembered_until { 0 } else { refusals }
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
        min_run: Seconds(30),
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
        let rest = |held: i64, row: u8| {
            let matched = UnixTimestamp(100);
            let now = UnixTimestamp(100 + held);
            CLOCKS.rest_after_refusal(matched, now, row).unwrap().0 - now.0
        };
        assert_eq!((rest(0, 0), rest(4, 0), rest(7, 0), rest(99, 0)), (5, 5, 7, 10));
        assert_eq!((rest(0, 1), rest(0, 2), rest(0, u8::MAX)), (10, 10, 10));
        let longer = Clocks { start: Seconds(60), ..CLOCKS };
        let rests = [0, 1, 2, 3, 4].map(|row| {
            longer.rest_after_refusal(UnixTimestamp(100), UnixTimestamp(101), row).unwrap().0 - 101
        });
        assert_eq!(rests, [5, 10, 20, 40, 60]);
    }

    #[test]
    fn quitting_rests_as_long_as_the_longer_of_heartbeat_and_start_clock() {
        let rest = |clocks: Clocks| clocks.rest_after_quit(UnixTimestamp(100));
        assert_eq!(rest(CLOCKS), Ok(UnixTimestamp(120)), "as long as silence would have lasted");
        let late_start = Clocks { start: Seconds(60), ..CLOCKS };
        assert_eq!(rest(late_start), Ok(UnixTimestamp(160)), "as long as the longest refusal");
    }

    #[test]
    fn refusals_are_forgotten_after_eight_start_clocks() {
        let until = CLOCKS.remember_refusal(UnixTimestamp(0), UnixTimestamp(100)).unwrap();
        let count = |now| remembered_refusals(3, until, UnixTimestamp(now));
        assert_eq!((count(100), count(180), count(181)), (3, 3, 0));
    }

    #[test]
    fn a_refusal_under_a_short_start_clock_shortens_no_memory() {
        let long = CLOCKS.remember_refusal(UnixTimestamp(0), UnixTimestamp(100)).unwrap();
        let short = Clocks { start: Seconds(5), ..CLOCKS };
        assert_eq!(short.remember_refusal(long, UnixTimestamp(140)), Ok(long));
        assert_eq!(short.remember_refusal(long, UnixTimestamp(141)), Ok(UnixTimestamp(181)));
    }

    #[test]
    fn a_penalty_is_due_for_sixty_days() {
        let owes = |now| CLOCKS.owes_penalty(UnixTimestamp(100), UnixTimestamp(now));
        assert_eq!((owes(111), owes(5_184_110), owes(5_184_111)), (Ok(true), Ok(true), Ok(false)));
    }

    #[test]
    fn a_slot_rests_after_a_result_that_came_early() {
        let rest = |now| CLOCKS.rest_after_result(UnixTimestamp(100), UnixTimestamp(now));
        assert_eq!(rest(100), Ok(Some(UnixTimestamp(130))));
        assert_eq!(rest(129), Ok(Some(UnixTimestamp(130))));
        assert_eq!(rest(130), Ok(None));
    }

    #[test]
    fn dust_is_forfeited_after_the_retention_and_everything_after_a_month() {
        let forfeits = |credit, now| {
            CLOCKS.is_forfeitable(Amount(credit), UnixTimestamp(100), UnixTimestamp(now))
        };
        assert_eq!((forfeits(999, 159), forfeits(999, 160)), (Ok(false), Ok(true)));
        let month = 160 + 30 * 86_400;
        assert_eq!((forfeits(1_000, month - 1), forfeits(1_000, month)), (Ok(false), Ok(true)));
        assert_eq!(forfeits(0, month), Ok(false));
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
