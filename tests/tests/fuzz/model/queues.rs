//! How entries join and leave queues.

use nosana_client::jobs::Error;
use nosana_protocol::{
    job::{Reason, Return, ReturnCause, State},
    units::{Seconds, UnixTimestamp},
};

use super::{Market, Model, Outcome, Place, Waiter};

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
    /// Queues a job again that `failed` gave back or lost. `failed` keeps the collateral of places
    /// that it loses by it.
    pub fn requeue(&mut self, number: usize, failed: usize, how: Return, cause: ReturnCause) {
        let now = self.now;
        match how {
            Return::Failed => self.nodes[failed].failed += 1,
            Return::Rejected => self.nodes[failed].rejected += 1,
            Return::Refused => {}
        }
        let job = self.job_mut(number);
        job.cause = cause;
        let end = if how == Return::Refused {
            job.refusals += 1;
            let waited = job.clocks.queue_expired(UnixTimestamp(job.queued_at), UnixTimestamp(now));
            if job.refusals > job.max_attempts {
                Some(Reason::Unplaceable)
            } else {
                waited.expect("in range").then_some(Reason::Expired)
            }
        } else {
            job.attempts += 1;
            job.queued_at = now;
            (job.attempts > job.max_attempts).then_some(Reason::AttemptsExhausted)
        };
        if let Some(reason) = if job.cancel_requested { Some(Reason::Cancelled) } else { end } {
            self.settle_job(number, reason, None, None);
            return;
        }

        let mut job = self.jobs[number].expect("the job exists");
        let front = loop {
            let here =
                self.markets[job.market].as_mut().expect("an open job keeps its market open");
            match here.queue.front().copied() {
                Some(place) if place.who == Waiter::Node(failed) => {
                    here.queue.pop_front();
                    let slot = self.queued_slot(failed, job.market).expect("who waits has a slot");
                    let collateral = slot.collateral;
                    *slot = slot.freed();
                    self.keep_collateral(failed, collateral);
                }
                front => break front,
            }
        };

        let price = job.terms.price.0;
        let here = self.markets[job.market].as_mut().expect("an open job keeps its market open");
        let nodes_wait = matches!(front, Some(Place { who: Waiter::Node(_), .. }));
        if let Some(place) = front
            && nodes_wait
            && place.price > price
        {
            self.settle_job(number, Reason::Unplaceable, None, None);
            return;
        }

        job.node = None;
        job.node_token = None;
        job.checkpoint = 0;
        job.trace = None;
        job.progress = 0;
        job.promised = Seconds(0);
        (job.matched_at, job.started_at, job.heartbeat_at) = (0, 0, 0);
        job.silent = Seconds(0);
        job.has_result = false;
        job.submitted_at = 0;
        job.attempt_id += 1;
        job.state = State::Queued;

        let place = Place { who: Waiter::Job(number), price };
        if nodes_wait {
            here.queue.pop_front();
            job.match_with(front.expect("a node waits"), now);
        } else {
            match how {
                Return::Failed | Return::Rejected => here.queue.push_front(place),
                Return::Refused => here.queue.push_back(place),
            }
        }
        *self.job_mut(number) = job;
    }
}
