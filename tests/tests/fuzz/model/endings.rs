//! How jobs end, and who is paid.

use nosana_client::jobs::Error;
use nosana_protocol::{
    ending::{self, Ending},
    job::{Kind, Reason, Return, State},
    reputation,
    settlement::{self, Split},
    units::{Amount, Seconds, UnixTimestamp},
};

use super::{Model, Slot, Use, Verdict, Who, ensure};
use crate::cast;

impl Model {
    /// Splits the escrow and pays what can be paid; `learner` is the node whose work the ending
    /// tells about.
    pub(super) fn conclude(
        &mut self,
        number: usize,
        reason: Reason,
        proven: Option<Seconds>,
        learner: Option<usize>,
    ) {
        let now = self.now;
        let mut job = self.jobs[number].expect("the job is there");
        let split = settlement::settle(&job.terms, Amount(job.escrow), reason, proven)
            .expect("the deposit covers it");
        job.state = State::Settled;
        job.reason = reason;
        job.settled_at = now;
        (job.escrow, job.budget) = (0, 0);
        *self.job_mut(number) = job;
        if let Some(node) = learner {
            self.learn(number, node, reason, &split);
        }
        if !job.node_token.is_some_and(|purse| split.node.0 == 0 || self.give(purse, split.node.0))
        {
            job.node_credit = split.node.0;
        }
        if !self.give(job.payer, split.client.0) {
            job.payer_credit = split.client.0;
        }
        *self.job_mut(number) = job;
        let here = self.markets[job.market].as_mut().expect("an open job keeps its market open");
        here.open -= 1;
        here.fees += split.network.0;
        here.credits += job.node_credit + job.payer_credit;
    }

    /// What a node's settlement says about it, unless it is its own client.
    fn learn(&mut self, number: usize, node: usize, reason: Reason, split: &Split) {
        let job = self.jobs[number].expect("the job is there");
        let owner = cast::owner_of(node);
        let node = &mut self.nodes[node];
        node.earned += split.node.0;
        if [job.client, job.payer].contains(&owner) || job.payer == node.payout {
            return;
        }
        let evidence =
            reputation::evidence(&job.terms, job.promised, reason, split).expect("in range");
        node.reputation =
            node.reputation.after(evidence, UnixTimestamp(self.now)).expect("in range");
    }

    /// Sends the deposit of a job that waited too long back.
    pub(super) fn expire_queued(&mut self, number: usize, nth: u8) -> Verdict {
        let job = self.job(number)?;
        ensure(job.state == State::Queued, Error::WrongState)?;
        let over = job
            .clocks
            .queue_expired(UnixTimestamp(job.queued_at), UnixTimestamp(self.now))
            .expect("in range");
        ensure(over, Error::TooEarly)?;
        self.market(job.market)?.withdraw(Who::Job(number), nth)?;
        self.conclude(number, Reason::Expired, None, None);
        Ok(())
    }

    /// Undoes a match whose node did not start.
    pub(super) fn expire_match(&mut self, number: usize, node: usize) -> Verdict {
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
    pub(super) fn expire_run(&mut self, number: usize, node: usize) -> Verdict {
        let job = self.job(number)?;
        ensure(job.state == State::Running, Error::WrongState)?;
        ensure(job.node == Some(node), Error::NotThisNode)?;
        let now = UnixTimestamp(self.now);
        let end = match ending::of(&job.run(), &job.clocks, now).expect("in range") {
            Some(end) => end,
            None => {
                let backed = self.stakes[node].map_or(0, |stake| stake.xnos) >= job.min_xnos;
                ensure(!backed, Error::TooEarly)?;
                ending::without_backing(&job.run(), &job.clocks, now).expect("in range")
            }
        };
        match end {
            Ending::Settle(reason, proven) => {
                self.free_slot(node, Use::Running(number))?;
                self.conclude(number, reason, Some(proven), Some(node));
            }
            Ending::Requeue => {
                self.free_slot(node, Use::Running(number))?;
                let lost = self.requeue(number, node, Return::Failed);
                self.release(node, lost);
            }
        }
        Ok(())
    }

    /// Commits to a result.
    pub(super) fn finish(&mut self, number: usize, node: usize, by: usize, blank: bool) -> Verdict {
        let mut job = self.job(number)?;
        self.owns(node, by)?;
        ensure(!blank, Error::EmptyDigest)?;
        ensure(job.state == State::Running, Error::WrongState)?;
        ensure(job.node == Some(node), Error::NotThisNode)?;
        ensure(job.terms.kind == Kind::Batch, Error::ServiceHasNoResult)?;
        let deadline = job
            .clocks
            .deadline(UnixTimestamp(job.started_at), job.terms.timeout)
            .expect("in range");
        ensure(self.now <= deadline.0, Error::DeadlinePassed)?;
        let slot = self.slot(node, Use::Running(number)).expect("the node runs it");
        job.collateral = slot.collateral;
        *slot = Slot::FREE;
        self.nodes[node].completed += 1;
        job.has_result = true;
        job.submitted_at = self.now;
        job.progress = 10_000;
        job.state = State::Submitted;
        *self.job_mut(number) = job;
        if job.clocks.challenge.0 == 0 { self.pay_result(number, node) } else { Ok(()) }
    }

    /// Pays a result whose window is over.
    pub(super) fn settle(&mut self, number: usize, node: usize) -> Verdict {
        let job = self.job(number)?;
        ensure(job.state == State::Submitted, Error::WrongState)?;
        let over = job
            .clocks
            .settleable(UnixTimestamp(job.submitted_at), UnixTimestamp(self.now))
            .expect("in range");
        ensure(over, Error::TooEarly)?;
        self.pay_result(number, node)
    }

    /// Pays for a submitted result and releases what was locked for it.
    pub(super) fn pay_result(&mut self, number: usize, node: usize) -> Verdict {
        let job = self.job_mut(number);
        ensure(job.node == Some(node), Error::NotThisNode)?;
        let collateral = std::mem::take(&mut job.collateral);
        let proven = UnixTimestamp(job.submitted_at).since(UnixTimestamp(job.started_at));
        self.conclude(number, Reason::Completed, Some(proven), Some(node));
        self.release(node, collateral);
        Ok(())
    }

    /// Gives a job back.
    pub(super) fn quit(&mut self, number: usize, node: usize, by: usize) -> Verdict {
        let job = self.job(number)?;
        self.owns(node, by)?;
        ensure(job.state == State::Queued || job.node == Some(node), Error::NotThisNode)?;
        let (clocks, now) = (job.clocks, UnixTimestamp(self.now));
        let (used, how, until) = match job.state {
            State::Queued | State::Matched => {
                let slot = *self.unstarted_slot(number, node)?;
                let taken = UnixTimestamp(if job.state == State::Matched {
                    job.matched_at
                } else {
                    slot.since
                });
                ensure(
                    !clocks.match_expired(taken, now).expect("in range"),
                    Error::DeadlinePassed,
                )?;
                (slot.used, Return::Refused, clocks.rest_after_refusal(taken))
            }
            State::Running => {
                let end = ending::of(&job.run(), &clocks, now).expect("in range");
                ensure(!matches!(end, Some(Ending::Settle(..))), Error::DeadlinePassed)?;
                (Use::Running(number), Return::Failed, clocks.rest_after_quit(now))
            }
            _ => return Err(Error::WrongState.into()),
        };
        let market = job.market;
        let slot = match used {
            Use::Waiting => self.waiting_slot(node, market).expect("it waits"),
            used => self.slot(node, used)?,
        };
        let collateral = slot.collateral;
        *slot =
            Slot { used: Use::Resting, market, since: until.expect("in range").0, ..Slot::FREE };
        let lost = self.requeue(number, node, how);
        self.release(node, collateral + lost);
        Ok(())
    }
}
