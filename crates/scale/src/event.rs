//! What happens in a market, and what follows from it.

use serde::{Deserialize, Serialize};

use crate::{
    chain::{Chain, Writes},
    time::Nanos,
};

/// The number of a job in its market.
pub type JobNumber = u32;
/// The number of a slot in its market.
pub type SlotNumber = u32;

/// A job on a slot. Events about an earlier job on the slot are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The slot.
    pub slot: SlotNumber,
    /// How many jobs the slot has held.
    pub count: u32,
}

/// What happens in a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A client lists the next job.
    Arrive,
    /// Clients list a batch of jobs at once.
    ArriveBatch,
    /// `list` has landed.
    Listed(JobNumber),
    /// A slot is free, and its node may request work for it.
    Free(SlotNumber),
    /// `work` has landed.
    Worked(SlotNumber),
    /// The node has read the job that its slot got.
    Read(Hold),
    /// `start` has landed.
    Started(Hold),
    /// The node has run the job.
    Executed(Hold),
    /// `finish` has landed.
    Finished(Hold),
    /// The start clock of a job is over.
    StartClock(Hold),
    /// `expire_match` has landed.
    MatchExpired(Hold),
    /// The heartbeat clock of a job is over.
    HeartbeatClock(Hold),
    /// `expire_run` or `quit` has landed.
    RunEnded(Hold),
    /// A node fails.
    Fail,
    /// A node that failed has started again.
    Repaired(u32),
}

/// The time of an event, the chain, and the events that follow.
pub struct Moment<'a> {
    /// When it happens.
    pub now: Nanos,
    /// The chain of all markets.
    pub chain: &'a mut Chain,
    /// The events that follow, with their times.
    pub next: &'a mut Vec<(Nanos, Event)>,
    /// The number of the market.
    pub market: usize,
}

impl Moment<'_> {
    /// Schedules an event.
    pub fn schedule(&mut self, time: Nanos, event: Event) {
        self.next.push((time, event));
    }

    /// Sends a transaction after which nothing happens.
    pub fn send(&mut self, units: u64, writes: Writes) {
        self.chain.send(self.now, self.market, units, writes);
    }

    /// Sends a transaction. The event happens when it lands.
    pub fn send_for(&mut self, units: u64, writes: Writes, event: Event) {
        let landed = self.chain.send(self.now, self.market, units, writes);
        self.schedule(landed, event);
    }
}
