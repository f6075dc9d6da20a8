//! The slots of nodes.

use nosana_protocol::clocks::{MIN_REST, REFUSAL_MEMORY};

use super::Market;
use crate::{
    event::{Hold, JobNumber, SlotNumber},
    time::{Nanos, from_ms},
};

/// Where a slot is between two jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotState {
    /// It has nothing: it rests, or its node is down.
    Idle,
    /// `work` is on its way.
    Requested,
    /// It waits in the queue.
    Waiting,
    /// It has a job that is not started.
    Claimed,
    /// It runs a job.
    Running,
    /// `finish` is on its way.
    Submitted,
}

/// A slot.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    pub state: SlotState,
    /// How many jobs it has held.
    pub count: u32,
    /// Its job, if it is claimed or later.
    pub job: JobNumber,
    /// When it got the job; when the run began, if it runs.
    pub since: Nanos,
    /// Until when it rests.
    pub rests_until: Nanos,
    /// How many jobs it did not start, and until when they are remembered.
    pub refusals: u32,
    pub remembered_until: Nanos,
    /// Whether `start` was sent.
    pub start_sent: bool,
    /// Whether the node failed in the run.
    pub is_lost: bool,
}

impl Slot {
    /// A slot that never had a job.
    pub const IDLE: Self = Self {
        state: SlotState::Idle,
        count: 0,
        job: 0,
        since: 0,
        rests_until: 0,
        refusals: 0,
        remembered_until: 0,
        start_sent: false,
        is_lost: false,
    };

    /// Counts a job that the slot did not start. Returns how long the slot rests: as long as it
    /// held the job, at least a time that doubles with each refusal, at most the start clock.
    pub fn count_refusal(&mut self, now: Nanos, start_clock: Nanos) -> Nanos {
        let memory = start_clock.saturating_mul(REFUSAL_MEMORY);
        if now > self.remembered_until {
            self.refusals = 0;
        }
        let shortest = from_ms(MIN_REST.0 * 1_000).saturating_mul(1 << self.refusals.min(32));

        self.refusals += 1;
        self.remembered_until = now.saturating_add(memory).max(self.remembered_until);
        (now - self.since).max(shortest).min(start_clock)
    }

    /// Gives the slot a job.
    pub const fn claim(&mut self, job: JobNumber, now: Nanos) {
        self.state = SlotState::Claimed;
        self.count += 1;
        self.job = job;
        self.since = now;
        self.start_sent = false;
        self.is_lost = false;
    }
}

impl Market {
    /// The slot with this number.
    pub(super) fn slot(&mut self, number: SlotNumber) -> &mut Slot {
        &mut self.slots[number as usize]
    }

    /// Returns the slot if it is in this state, with the same job as when the event was scheduled.
    pub(super) fn held_slot(&mut self, hold: Hold, state: SlotState) -> Option<&mut Slot> {
        let slot = self.slot(hold.slot);
        (slot.count == hold.count && slot.state == state).then_some(slot)
    }

    /// The slot with the job that it has now.
    pub(super) fn hold_of(&self, slot: SlotNumber) -> Hold {
        Hold { slot, count: self.slots[slot as usize].count }
    }

    /// Returns true if the node of the slot runs.
    pub(super) fn is_node_up(&self, slot: SlotNumber) -> bool {
        self.is_up[self.node_of(slot)]
    }
}

#[cfg(test)]
mod tests {
    use nosana_protocol::{
        clocks::{Clocks, remembered_refusals},
        units::{Seconds, UnixTimestamp},
    };

    use super::*;

    /// The rests are those of the protocol, whose clocks count whole seconds.
    #[test]
    fn the_rest_after_refusals_is_that_of_the_protocol() {
        let clocks = Clocks { start: Seconds(120), ..Clocks::default() };
        let mut slot = Slot::IDLE;
        let mut remembered = 0;
        let mut remembered_until = UnixTimestamp(0);

        for (matched, now) in [(0, 1), (10, 30), (40, 41), (60, 62), (100, 101), (5_000, 5_002)] {
            let [since, end] = [matched, now].map(UnixTimestamp);
            remembered = remembered_refusals(remembered, remembered_until, end);
            let until = clocks.rest_after_refusal(since, end, remembered).unwrap();

            slot.since = from_ms(matched.unsigned_abs() * 1_000);
            let rest = slot.count_refusal(from_ms(now.unsigned_abs() * 1_000), from_ms(120_000));
            assert_eq!(rest, from_ms((until.0 - now).unsigned_abs() * 1_000), "{now}");
            remembered += 1;
            remembered_until = clocks.remember_refusal(remembered_until, end).unwrap();
        }
    }
}
