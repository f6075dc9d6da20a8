//! What anyone may do: mostly once a clock has run out.

use nosana_client::jobs::Error;
use nosana_protocol::{
    ending::{self, Caller, RunOutcome},
    job::{Reason, Return, ReturnCause, State},
    units::UnixTimestamp,
};
use solana_address::Address;

use super::{Model, Outcome, SlotUse, Waiter, ensure};

impl Model {
    /// Sends the deposit of a job that waited too long back.
    pub fn expire_queued(&mut self, number: usize, nth: u8) -> Outcome {
        let job = self.job(number)?;
        ensure(job.state == State::Queued, Error::WrongState)?;

        let over = job
            .clocks
            .queue_expired(UnixTimestamp(job.queued_at), UnixTimestamp(self.now))
            .expect("in range");
        ensure(over, Error::TooEarly)?;

        self.market(job.market)?.withdraw(Waiter::Job(number), nth)?;
        self.settle_job(number, Reason::Expired, None, None);
        Ok(())
    }

    /// Undoes a match whose node did not start.
    pub fn expire_match(&mut self, number: usize, node: usize) -> Outcome {
        let job = self.job(number)?;
        ensure(matches!(job.state, State::Queued | State::Matched), Error::WrongState)?;
        ensure(job.state == State::Queued || job.node == Some(node), Error::NotThisNode)?;

        let held = *self.unstarted_slot(number, node)?;
        let since = if job.state == State::Matched { job.matched_at } else { held.since };
        let over = job
            .clocks
            .match_expired(UnixTimestamp(since), UnixTimestamp(self.now))
            .expect("in range");
        ensure(over, Error::TooEarly)?;

        let due = job
            .clocks
            .owes_penalty(UnixTimestamp(since), UnixTimestamp(self.now))
            .expect("in range");
        let penalty = if due && held.revision == job.revision { held.penalty } else { 0 };
        let now = self.now;
        *self.unstarted_slot(number, node)? = held.resting_unstarted(&job.clocks, since, now);
        self.requeue(number, node, Return::Failed, ReturnCause::NotStarted);
        self.slash(node, penalty);
        self.keep_collateral(node, held.collateral - penalty);
        Ok(())
    }

    /// Ends a run whose clock ran out or whose node has lost its backing.
    pub fn expire_run(&mut self, number: usize, node: usize, by: usize) -> Outcome {
        let job = self.job(number)?;
        ensure(job.state == State::Running, Error::WrongState)?;
        ensure(job.node == Some(node), Error::NotThisNode)?;
        let now = UnixTimestamp(self.now);

        let own = [job.client, job.payer].contains(&by);
        let caller = if own { Caller::Client } else { Caller::Stranger };
        let mut cause = ReturnCause::HeartbeatLost;
        let end = match ending::outcome_at(&job.run(), &job.clocks, now, caller).expect("in range")
        {
            Some(end) => end,
            None => {
                cause = ReturnCause::BackingLost;
                // Any stake at all backs a run, unless the job requires none.
                let own = self.stakes[node].map_or(0, |stake| stake.xnos);
                let backed = own > 0 || job.min_xnos == 0;
                ensure(!backed, Error::TooEarly)?;
                ending::outcome_without_backing(&job.run(), &job.clocks, now).expect("in range")
            }
        };

        let rest = job.clocks.rest_after_quit(now).expect("in range");
        let slot = self.slot(node, SlotUse::Running(number))?;
        let collateral = slot.collateral;
        *slot = match end {
            RunOutcome::Settle(Reason::Completed, _) => slot.freed(),
            _ => slot.resting(rest),
        };
        self.keep_collateral(node, collateral);
        match end {
            RunOutcome::Settle(reason, proven) => {
                self.settle_job(number, reason, Some(proven), Some(node));
            }
            RunOutcome::Requeue => self.requeue(number, node, Return::Failed, cause),
        }
        Ok(())
    }

    /// Pays a result whose window is over.
    pub fn settle(&mut self, number: usize, node: usize) -> Outcome {
        let job = self.job(number)?;
        ensure(job.state == State::Submitted, Error::WrongState)?;

        let over = job
            .clocks
            .is_settleable(UnixTimestamp(job.submitted_at), UnixTimestamp(self.now))
            .expect("in range");
        ensure(over, Error::TooEarly)?;

        self.pay_result(number, node)
    }

    /// Removes a node that should not wait.
    pub fn evict_node(&mut self, node: usize, market: usize, nth: u8) -> Outcome {
        let terms = self.market(market)?.terms;
        let suits = self.suits(node, &terms).is_ok();
        let taken_at = self.queued_slot(node, market).map(|slot| slot.taken_at);
        let here = self.market(market)?;
        let requires_token = terms.access_collection != Address::default();
        let shown =
            !requires_token || taken_at.is_some_and(|taken_at| taken_at > here.collection_since);

        let place = here.withdraw(Waiter::Node(node), nth)?;
        let rightful = place.price <= terms.price_per_second && suits && shown && !here.retired;
        ensure(!rightful, Error::NotEvictable)?;

        self.free_waiting(node, market);
        Ok(())
    }

    /// Turns credits that nobody collected into fees.
    pub fn forfeit_credit(&mut self, number: usize) -> Outcome {
        let mut job = self.job(number)?;
        ensure(job.state == State::Settled, Error::WrongState)?;
        let cleanable = job.settled_at + i64::try_from(job.clocks.retention.0).expect("in range");
        let all = self.now >= cleanable + 30 * 86_400;
        let mut amount = 0;
        for credit in [&mut job.node_credit, &mut job.payer_credit] {
            if self.now >= cleanable && (all || *credit < 1_000) {
                amount += std::mem::take(credit);
            }
        }
        ensure(amount > 0, Error::NotForfeitable)?;

        *self.job_mut(number) = job;
        let here = self.market(job.market)?;
        here.credits -= amount;
        here.fees += amount;
        Ok(())
    }

    /// Sends the fees to the reward pool.
    pub fn sweep_fees(&mut self, market: usize) -> Outcome {
        let here = self.market(market)?;
        ensure(here.fees > 0, Error::NoFees)?;
        let fees = std::mem::take(&mut here.fees);
        self.income += fees;
        Ok(())
    }

    /// Adds cells.
    pub fn grow_queue(&mut self, market: usize, cells: u32) -> Outcome {
        let here = self.market(market)?;
        ensure((1..=200).contains(&cells), Error::TermsOutOfRange)?;
        here.cells += cells as usize;
        Ok(())
    }
}
