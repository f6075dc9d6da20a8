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
    /// Removes `failed` from the front of the queue. It keeps the collateral of these places.
    fn leave_front(&mut self, failed: usize, market: usize) {
        loop {
            let here = self.markets[market].as_mut().expect("the market is open");
            let is_own = |place: &Place| place.who == Waiter::Node(failed);
            if !here.queue.front().is_some_and(is_own) {
                return;
            }
            here.queue.pop_front();
            self.free_waiting(failed, market);
        }
    }

    /// Queues a job again that `failed` gave back or lost. `failed` loses its places if no other
    /// node waits, and those in front of others if it was absent.
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
        if cause.is_absence() {
            self.leave_front(failed, job.market);
        }
        let here = self.markets[job.market].as_mut().expect("an open job keeps its market open");
        let is_other = |place: &Place| match place.who {
            Waiter::Node(node) => node != failed,
            Waiter::Job(_) => false,
        };
        let other = here.queue.iter().position(is_other);

        let price = job.terms.price.0;
        if other.is_some_and(|at| here.queue[at].price > price) {
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
        if let Some(at) = other {
            job.match_with(here.queue.remove(at).expect("a node waits there"), now);
        } else {
            self.leave_front(failed, job.market);
            let here = self.markets[job.market].as_mut().expect("the market is open");
            match how {
                Return::Failed | Return::Rejected => here.queue.push_front(place),
                Return::Refused => here.queue.push_back(place),
            }
        }
        *self.job_mut(number) = job;
    }
}
