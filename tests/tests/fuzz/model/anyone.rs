//! What anyone may do: mostly once a clock has run out.

use nosana_client::jobs::Error;
use nosana_protocol::{
    ending::{self, RunOutcome},
    job::{Reason, Return, State},
    units::UnixTimestamp,
};
use solana_address::Address;

use super::{Model, Outcome, Slot, SlotUse, Waiter, ensure};

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

        let slot = self.unstarted_slot(number, node)?;
        let held = *slot;
        let since = if job.state == State::Matched { job.matched_at } else { held.since };
        let over = job
            .clocks
            .match_expired(UnixTimestamp(since), UnixTimestamp(self.now))
            .expect("in range");
        ensure(over, Error::TooEarly)?;

        let changed_at = self.market(job.market)?.terms_since;
        let changed = held.taken_at <= changed_at || job.listed_at <= changed_at;
        let penalty = if changed { 0 } else { held.penalty };
        *self.unstarted_slot(number, node)? = Slot::FREE;
        let lost = self.requeue(number, node, Return::Failed);
        self.slash(node, penalty);
        self.release(node, held.collateral - penalty + lost);
        Ok(())
    }

    /// Ends a run whose clock ran out or whose node has lost its backing.
    pub fn expire_run(&mut self, number: usize, node: usize) -> Outcome {
        let job = self.job(number)?;
        ensure(job.state == State::Running, Error::WrongState)?;
        ensure(job.node == Some(node), Error::NotThisNode)?;
        let now = UnixTimestamp(self.now);

        let end = match ending::outcome_at(&job.run(), &job.clocks, now).expect("in range") {
            Some(end) => end,
            None => {
                // Any stake at all backs a run, unless the job requires none.
                let own = self.stakes[node].map_or(0, |stake| stake.xnos);
                let backed = own > 0 || job.min_xnos == 0;
                ensure(!backed, Error::TooEarly)?;
                ending::outcome_without_backing(&job.run(), &job.clocks, now).expect("in range")
            }
        };

        match end {
            RunOutcome::Settle(reason, proven) => {
                self.free_slot(node, SlotUse::Running(number))?;
                self.settle_job(number, reason, Some(proven), Some(node));
            }
            RunOutcome::Requeue => {
                self.free_slot(node, SlotUse::Running(number))?;
                let lost = self.requeue(number, node, Return::Failed);
                self.release(node, lost);
            }
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
        let taken_at = self.waiting_slot(node, market).map(|slot| slot.taken_at);
        let here = self.market(market)?;
        let requires_token = terms.access_collection != Address::default();
        let shown = !requires_token || taken_at.is_some_and(|taken_at| taken_at > here.terms_since);

        let place = here.withdraw(Waiter::Node(node), nth)?;
        let rightful = place.price <= terms.price_per_second && suits && shown && !here.retired;
        ensure(!rightful, Error::NotEvictable)?;

        self.free_waiting(node, market);
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
