//! One market: its queue, its jobs and the slots of its nodes, by those rules of docs/jobs.md that
//! decide who waits for how long: first in, first out, the clocks, the rests and the requeues.
//!
//! | module | purpose |
//! | --- | --- |
//! | `slot` | the slots of nodes |
//! | `listing` | how jobs come into the queue |
//! | `run` | from a match to the result |
//! | `churn` | nodes that fail, and what becomes of their jobs |
//!
//! Left out are prices, collateral, services, disputes, jobs that clients cancel or that wait
//! longer than the queue's clock, the limit of a run, and transactions that are lost. Clocks have
//! fractions of seconds, which those of the chain have not.

mod churn;
mod listing;
mod run;
mod slot;

use std::collections::VecDeque;

use fastrand::Rng;

use self::slot::Slot;
use crate::{
    event::{Event, JobNumber, Moment, SlotNumber},
    record::Record,
    scenario::{Begin, Scenario},
    service::draw_exponential,
    time::{Nanos, from_seconds},
};

/// A job.
#[derive(Clone, Copy, Debug)]
struct Job {
    /// When its client sent `list`.
    sent: Nanos,
    /// How long it runs.
    run: Nanos,
    /// Whether it has been started once.
    was_started: bool,
    /// How often it returned to the queue.
    returns: u32,
}

/// One market.
#[derive(Clone, Debug)]
pub struct Market {
    scenario: Scenario,
    rng: Rng,
    jobs: Vec<Job>,
    slots: Vec<Slot>,
    /// Whether each node runs.
    is_up: Vec<bool>,
    /// The part of all jobs that clients list here.
    share: f64,
    /// Jobs and slots in the queue. One of them is empty.
    waiting_jobs: VecDeque<JobNumber>,
    waiting_slots: VecDeque<SlotNumber>,
    /// What was measured.
    pub record: Record,
}

impl Market {
    /// Returns a market that has not begun.
    pub fn new(scenario: &Scenario, number: usize) -> Self {
        // Different markets draw different numbers.
        let mut seeds = Rng::with_seed(scenario.seed);
        let seed = (0..=number).fold(0, |_, _| seeds.u64(..));
        let nodes = scenario.nodes_of(number);

        Self {
            scenario: scenario.clone(),
            rng: Rng::with_seed(seed),
            jobs: Vec::new(),
            slots: vec![Slot::IDLE; nodes * scenario.slots_per_node],
            is_up: vec![true; nodes],
            share: nodes as f64 / scenario.nodes as f64,
            waiting_jobs: VecDeque::new(),
            waiting_slots: VecDeque::new(),
            record: Record::new(scenario.window()),
        }
    }

    /// Puts the slots into their first state, and schedules the first arrivals and the first
    /// failure.
    pub fn begin(&mut self, moment: &mut Moment<'_>) {
        match self.scenario.begin {
            Begin::Busy(share) => self.occupy_slots(share, moment),
            Begin::Idle(seconds) => {
                for slot in 0..self.slots.len() as SlotNumber {
                    moment.schedule(from_seconds(seconds), Event::Free(slot));
                }
            }
        }

        self.schedule_arrivals(moment);
        self.schedule_failure(moment);
    }

    /// Lets something happen.
    pub fn handle(&mut self, event: Event, moment: &mut Moment<'_>) {
        match event {
            Event::Arrive => self.list_next(moment),
            Event::ArriveBatch => self.list_batch(moment),
            Event::Listed(job) => self.enter_queue(job, moment),
            Event::Free(slot) => self.request_work(slot, moment),
            Event::Worked(slot) => self.take_work(slot, moment),
            Event::Read(hold) => self.send_start(hold, moment),
            Event::Started(hold) => self.begin_run(hold, moment),
            Event::Executed(hold) => self.submit_result(hold, moment),
            Event::Finished(hold) => self.end_job(hold, moment),
            Event::StartClock(hold) => self.report_late_start(hold, moment),
            Event::MatchExpired(hold) => self.expire_match(hold, moment),
            Event::HeartbeatClock(hold) => self.report_silence(hold, moment),
            Event::RunEnded(hold) => self.end_lost_run(hold, moment),
            Event::Fail => self.fail_node(moment),
            Event::Repaired(node) => self.repair_node(node, moment),
        }
    }

    /// Draws a time after `now` with this mean distance.
    fn draw_time(&mut self, mean_seconds: f64, moment: &Moment<'_>) -> Nanos {
        moment.now.saturating_add(from_seconds(draw_exponential(&mut self.rng, mean_seconds)))
    }

    /// The node of a slot.
    const fn node_of(&self, slot: SlotNumber) -> usize {
        slot as usize / self.scenario.slots_per_node
    }
}
