//! Nodes that fail, and what becomes of their jobs.

use super::{Market, slot::SlotState};
use crate::{
    chain::Writes,
    event::{Event, Hold, JobNumber, Moment, SlotNumber},
    time::{Nanos, from_seconds},
};

impl Market {
    /// Schedules the next failure. All nodes together fail as often as one does, times their
    /// number.
    pub(super) fn schedule_failure(&mut self, moment: &mut Moment<'_>) {
        if let Some(churn) = self.scenario.churn {
            let mean = churn.mean_life_seconds / self.is_up.len() as f64;
            let time = self.draw_time(mean, moment);
            moment.schedule(time, Event::Fail);
        }
    }

    /// One of the nodes fails, if it runs.
    pub(super) fn fail_node(&mut self, moment: &mut Moment<'_>) {
        self.schedule_failure(moment);
        let Some(churn) = self.scenario.churn else { return };
        let node = self.rng.usize(..self.is_up.len());
        if !std::mem::replace(&mut self.is_up[node], false) {
            return;
        }

        self.record.count_failure(moment.now);
        let repaired = self.draw_time(churn.mean_repair_seconds, moment);
        moment.schedule(repaired, Event::Repaired(node as u32));
        for slot in self.slots_of(node) {
            let held = self.slots[slot as usize];
            if held.state == SlotState::Running && !held.is_lost {
                self.lose_run(slot, moment);
            }
        }
    }

    /// A node starts again: it starts jobs that still wait for it, gives lost runs back, and
    /// requests work for free slots.
    pub(super) fn repair_node(&mut self, node: u32, moment: &mut Moment<'_>) {
        self.is_up[node as usize] = true;
        for slot in self.slots_of(node as usize) {
            let hold = self.hold_of(slot);
            let held = self.slots[slot as usize];
            match held.state {
                SlotState::Idle => self.request_work(slot, moment),
                SlotState::Claimed => self.send_start(hold, moment),
                SlotState::Running if held.is_lost => {
                    moment.send_for(self.scenario.costs.quit, Writes::Queue, Event::RunEnded(hold));
                }
                SlotState::Running
                | SlotState::Requested
                | SlotState::Waiting
                | SlotState::Submitted => {}
            }
        }
    }

    /// A run ends without a result. The chain knows when the clock of the last heartbeat is over.
    pub(super) fn lose_run(&mut self, number: SlotNumber, moment: &mut Moment<'_>) {
        let interval = self.scenario.clocks.heartbeat_interval();
        let limit = from_seconds(self.scenario.clocks.heartbeat_seconds);
        let hold = self.hold_of(number);
        let slot = self.slot(number);
        slot.is_lost = true;
        let heartbeat = slot.since + (moment.now - slot.since) / interval * interval;

        self.record.change_busy(moment.now, -1);
        moment.schedule(heartbeat + limit, Event::HeartbeatClock(hold));
    }

    /// The start clock is over: anyone ends the match.
    pub(super) fn report_late_start(&mut self, hold: Hold, moment: &mut Moment<'_>) {
        let units = self.scenario.costs.expire_match;
        if self.held_slot(hold, SlotState::Claimed).is_some_and(|slot| !slot.start_sent) {
            moment.send_for(units, Writes::Queue, Event::MatchExpired(hold));
        }
    }

    /// The heartbeat clock is over: anyone ends the run.
    pub(super) fn report_silence(&mut self, hold: Hold, moment: &mut Moment<'_>) {
        let units = self.scenario.costs.expire_run;
        if self.held_slot(hold, SlotState::Running).is_some_and(|slot| slot.is_lost) {
            moment.send_for(units, Writes::Queue, Event::RunEnded(hold));
        }
    }

    /// The match is over, and the slot rests.
    pub(super) fn expire_match(&mut self, hold: Hold, moment: &mut Moment<'_>) {
        let clock = from_seconds(self.scenario.clocks.start_seconds);
        let Some(slot) = self.held_slot(hold, SlotState::Claimed) else { return };
        let rest = slot.count_refusal(moment.now, clock);

        self.record.count_late_start(moment.now);
        self.return_job(hold.slot, rest, moment);
    }

    /// The run is over, without a result.
    pub(super) fn end_lost_run(&mut self, hold: Hold, moment: &mut Moment<'_>) {
        let clocks = self.scenario.clocks;
        let rest = from_seconds(clocks.heartbeat_seconds.max(clocks.start_seconds));
        if self.held_slot(hold, SlotState::Running).is_some_and(|slot| slot.is_lost) {
            self.return_job(hold.slot, rest, moment);
        }
    }

    /// The job of a slot returns to the front of the queue, and the slot rests.
    fn return_job(&mut self, number: SlotNumber, rest: Nanos, moment: &mut Moment<'_>) {
        let slot = self.slot(number);
        let job = slot.job;
        slot.state = SlotState::Idle;
        slot.rests_until = moment.now + rest;
        moment.schedule(slot.rests_until, Event::Free(number));

        self.record.count_return(moment.now);
        let returned = &mut self.jobs[job as usize];
        returned.returns += 1;
        if returned.returns > self.scenario.clocks.max_attempts {
            self.record.count_exhausted(moment.now);
            return;
        }
        self.requeue_job(job, self.node_of(number), moment);
    }

    /// The job gets the first waiting slot of another node, or waits in front of all others.
    /// Waiting slots of the node that failed leave the queue if they are in front.
    fn requeue_job(&mut self, job: JobNumber, failed: usize, moment: &mut Moment<'_>) {
        while let Some(slot) = self.waiting_slots.pop_front() {
            if self.node_of(slot) != failed {
                self.claim_slot(slot, job, moment);
                return;
            }
            self.slot(slot).state = SlotState::Idle;
            self.request_work(slot, moment);
        }
        self.waiting_jobs.push_front(job);
    }

    /// The slots of a node.
    fn slots_of(&self, node: usize) -> std::ops::Range<SlotNumber> {
        let first = node * self.scenario.slots_per_node;
        first as SlotNumber..(first + self.scenario.slots_per_node) as SlotNumber
    }
}
