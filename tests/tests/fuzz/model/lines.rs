//! How entries move in and out of queues.

use nosana_client::jobs::Error;
use nosana_protocol::{
    job::{Reason, Return, State},
    units::{Seconds, UnixTimestamp},
};

use super::{Market, Model, Place, Slot, Verdict, Who};

impl Market {
    /// Where `who` waits for the `nth` time.
    fn position(&self, who: Who, nth: u8) -> Option<usize> {
        let mut places = self.line.iter().enumerate().filter(|(_, place)| place.who == who);
        places.nth(nth.into()).map(|(position, _)| position)
    }

    /// Takes `who` out of the line, from its `nth` place.
    pub(super) fn withdraw(&mut self, who: Who, nth: u8) -> Verdict<Place> {
        let position = self.position(who, nth).ok_or(Error::NotInQueue)?;
        Ok(self.line.remove(position).expect("it waits there"))
    }
}

impl Model {
    /// Queues a job again that `failed` gave back or lost; returns the collateral of places which
    /// `failed` loses by it.
    pub(super) fn requeue(&mut self, number: usize, failed: usize, how: Return) -> u64 {
        let now = self.now;
        if how == Return::Failed {
            self.nodes[failed].failed += 1;
            let job = self.job_mut(number);
            job.attempts += 1;
            if job.attempts > job.max_attempts {
                self.conclude(number, Reason::AttemptsExhausted, None, None);
                return 0;
            }
            job.queued_at = now;
        } else {
            let job = self.job_mut(number);
            if job
                .clocks
                .queue_expired(UnixTimestamp(job.queued_at), UnixTimestamp(now))
                .expect("in range")
            {
                self.conclude(number, Reason::Expired, None, None);
                return 0;
            }
        }
        let mut job = self.jobs[number].expect("the job is there");
        let mut released = 0;
        let front = loop {
            let here =
                self.markets[job.market].as_mut().expect("an open job keeps its market open");
            match here.line.front().copied() {
                Some(place) if place.who == Who::Node(failed) => {
                    here.line.pop_front();
                    let slot = self.waiting_slot(failed, job.market).expect("who waits has a slot");
                    released += slot.collateral;
                    *slot = Slot::FREE;
                }
                front => break front,
            }
        };
        let price = job.terms.price.0;
        let here = self.markets[job.market].as_mut().expect("the same");
        let nodes_wait = matches!(front, Some(Place { who: Who::Node(_), .. }));
        let placeable = match front {
            Some(place) if nodes_wait => place.price <= price,
            _ => here.line.len() < here.cells,
        };
        if !placeable {
            self.conclude(number, Reason::Unplaceable, None, None);
            return released;
        }
        job.node = None;
        job.node_token = None;
        job.checkpoint = 0;
        job.progress = 0;
        job.promised = Seconds(0);
        (job.matched_at, job.started_at, job.heartbeat_at) = (0, 0, 0);
        job.state = State::Queued;
        let place = Place { who: Who::Job(number), price };
        if nodes_wait {
            here.line.pop_front();
            job.meet(front.expect("a node waits"), now);
        } else {
            match how {
                Return::Failed => here.line.push_front(place),
                Return::Refused => here.line.push_back(place),
            }
        }
        *self.job_mut(number) = job;
        released
    }
}
