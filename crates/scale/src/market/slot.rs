//! The slots of nodes.

use super::Market;
use crate::{
    event::{Hold, JobNumber, SlotNumber},
    time::Nanos,
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
        start_sent: false,
        is_lost: false,
    };

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
