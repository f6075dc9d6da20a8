//! From a match to the result.

use super::{Market, slot::SlotState};
use crate::{
    chain::Writes,
    event::{Event, Hold, JobNumber, Moment, SlotNumber},
    time::from_seconds,
};

impl Market {
    /// Lets a share of the slots run jobs, and the others wait.
    pub(super) fn occupy_slots(&mut self, share: f64, moment: &mut Moment<'_>) {
        for number in 0..self.slots.len() as SlotNumber {
            if self.rng.f64() >= share {
                self.slot(number).state = SlotState::Waiting;
                self.waiting_slots.push_back(number);
                continue;
            }

            // A job that was started before: it counts where it ends.
            let run = self.scenario.service.draw_rest(&mut self.rng);
            let job = self.add_job(moment.now, run);
            self.jobs[job as usize].was_started = true;
            self.slot(number).claim(job, moment.now);
            self.slot(number).start_sent = true;
            self.begin_run(self.hold_of(number), moment);
        }
    }

    /// A job is listed: it gets the first waiting slot, or waits.
    pub(super) fn enter_queue(&mut self, job: JobNumber, moment: &mut Moment<'_>) {
        match self.waiting_slots.pop_front() {
            Some(slot) => self.claim_slot(slot, job, moment),
            None => self.waiting_jobs.push_back(job),
        }
    }

    /// The node of a free slot sends `work`, if it runs and the slot does not rest.
    pub(super) fn request_work(&mut self, number: SlotNumber, moment: &mut Moment<'_>) {
        let is_up = self.is_node_up(number);
        let slot = self.slot(number);
        if !is_up || slot.state != SlotState::Idle || moment.now < slot.rests_until {
            return;
        }

        slot.state = SlotState::Requested;
        moment.send_for(self.scenario.costs.work, Writes::Queue, Event::Worked(number));
    }

    /// A slot gets the first waiting job, or waits.
    pub(super) fn take_work(&mut self, slot: SlotNumber, moment: &mut Moment<'_>) {
        match self.waiting_jobs.pop_front() {
            Some(job) => self.claim_slot(slot, job, moment),
            None => {
                self.slot(slot).state = SlotState::Waiting;
                self.waiting_slots.push_back(slot);
            }
        }
    }

    /// A slot has a job, which its node reads.
    pub(super) fn claim_slot(&mut self, slot: SlotNumber, job: JobNumber, moment: &mut Moment<'_>) {
        self.slot(slot).claim(job, moment.now);

        let hold = self.hold_of(slot);
        let reaction = from_seconds(self.scenario.reaction_seconds);
        if reaction == 0 {
            self.send_start(hold, moment);
        } else {
            moment.schedule(moment.now + reaction, Event::Read(hold));
        }
    }

    /// The node sends `start`, unless it is down: then the start clock decides.
    pub(super) fn send_start(&mut self, hold: Hold, moment: &mut Moment<'_>) {
        let is_up = self.is_node_up(hold.slot);
        let clock = from_seconds(self.scenario.clocks.start_seconds);
        let Some(slot) = self.held_slot(hold, SlotState::Claimed) else { return };
        if slot.start_sent {
            return;
        }

        if is_up {
            slot.start_sent = true;
            moment.send_for(self.scenario.costs.start, Writes::Own, Event::Started(hold));
        } else {
            moment.schedule(slot.since + clock, Event::StartClock(hold));
        }
    }

    /// The run begins.
    pub(super) fn begin_run(&mut self, hold: Hold, moment: &mut Moment<'_>) {
        let Some(slot) = self.held_slot(hold, SlotState::Claimed) else { return };
        slot.state = SlotState::Running;
        slot.since = moment.now;
        let number = slot.job as usize;

        let job = &mut self.jobs[number];
        let run = job.run;
        if !job.was_started {
            job.was_started = true;
            self.record.count_started(job.sent, moment.now);
        }

        self.record.change_busy(moment.now, 1);
        if self.is_node_up(hold.slot) {
            moment.schedule(moment.now.saturating_add(run), Event::Executed(hold));
        } else {
            self.lose_run(hold.slot, moment);
        }
    }

    /// The node submits the result. The heartbeats of the run are charged now, and the settlement
    /// and the closing of an earlier job: as many of other jobs are due at any time.
    pub(super) fn submit_result(&mut self, hold: Hold, moment: &mut Moment<'_>) {
        let interval = self.scenario.clocks.heartbeat_interval();
        let Some(slot) = self.held_slot(hold, SlotState::Running) else { return };
        if slot.is_lost {
            return;
        }
        slot.state = SlotState::Submitted;
        let heartbeats = (moment.now - slot.since) / interval;

        let costs = self.scenario.costs;
        self.record.change_busy(moment.now, -1);
        for _ in 0..heartbeats {
            moment.send(costs.heartbeat, Writes::Own);
        }
        moment.send_for(costs.finish, Writes::Queue, Event::Finished(hold));
        moment.send(costs.settle, Writes::Queue);
        moment.send(costs.clean, Writes::Own);
    }

    /// The result is on the chain, and the slot is free when the shortest run is over.
    pub(super) fn end_job(&mut self, hold: Hold, moment: &mut Moment<'_>) {
        let shortest = from_seconds(self.scenario.clocks.min_run_seconds);
        let Some(slot) = self.held_slot(hold, SlotState::Submitted) else { return };
        slot.state = SlotState::Idle;
        slot.rests_until = slot.since + shortest;
        let rests_until = slot.rests_until;

        self.record.count_finished(moment.now);
        if rests_until > moment.now {
            moment.schedule(rests_until, Event::Free(hold.slot));
        } else {
            self.request_work(hold.slot, moment);
        }
    }
}
