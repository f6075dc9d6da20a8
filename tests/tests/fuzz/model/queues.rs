//! How entries join and leave queues.

use nosana_client::jobs::Error;
use nosana_protocol::{
    job::{Reason, Return, State},
    units::{Seconds, UnixTimestamp},
};

use super::{Market, Model, Outcome, Place, Slot, Waiter};

impl Market {
    /// Where `who` waits for the `nth` time.
    fn position(&self, who: Waiter, nth: u8) -> Option<usize> {
        let mut places = self.queue.iter().enumerate().filter(|(_, place)| place.who == who);
        places.nth(nth.into()).map(|(position, _)| position)
    }

    /// Removes `who` from the queue, from its `nth` place.
    pub fn withdraw(&mut self, who: Waiter, nth: u8) -> Outcome<Place> {
        let position = self.position(who, nth).ok_or(Error::NotInQueue)?;
        Ok(self.queue.remove(position).expect("it waits there"))
    }
}

impl Model {
    /// Queues a job again that `failed` gave back or lost; returns the collateral of places which
    /// `failed` loses by it.
    pub fn requeue(&mut self, number: usize, failed: usize, how: Return) -> u64 {
        let now = self.now;
        if how == Return::Failed {
            self.nodes[failed].failed += 1;
            let job = self.job_mut(number);
            job.attempts += 1;
            if job.attempts > job.max_attempts {
                self.settle_job(number, Reason::AttemptsExhausted, None, None);
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
                self.settle_job(number, Reason::Expired, None, None);
                return 0;
            }
        }

        let mut job = self.jobs[number].expect("the job exists");
        let mut released = 0;
        let front = loop {
            let here =
                self.markets[job.market].as_mut().expect("an open job keeps its market open");
            match here.queue.front().copied() {
                Some(place) if place.who == Waiter::Node(failed) => {
                    here.queue.pop_front();
                    let slot = self.waiting_slot(failed, job.market).expect("who waits has a slot");
                    released += slot.collateral;
                    *slot = Slot::FREE;
                }
                front => break front,
            }
        };

        let price = job.terms.price.0;
        let here = self.markets[job.market].as_mut().expect("an open job keeps its market open");
        let nodes_wait = matches!(front, Some(Place { who: Waiter::Node(_), .. }));
        let placeable = match front {
            Some(place) if nodes_wait => place.price <= price,
            _ => here.queue.len() < here.cells,
        };

        if !placeable {
            self.settle_job(number, Reason::Unplaceable, None, None);
            return released;
        }

        job.node = None;
        job.node_token = None;
        job.checkpoint = 0;
        job.progress = 0;
        job.promised = Seconds(0);
        (job.matched_at, job.started_at, job.heartbeat_at) = (0, 0, 0);
        job.state = State::Queued;

        let place = Place { who: Waiter::Job(number), price };
        if nodes_wait {
            here.queue.pop_front();
            job.match_with(front.expect("a node waits"), now);
        } else {
            match how {
                Return::Failed => here.queue.push_front(place),
                Return::Refused => here.queue.push_back(place),
            }
        }
        *self.job_mut(number) = job;
        released
    }
}
