//! Clients and payers.

use nosana_client::jobs::{Error, types::MarketTerms};
use nosana_protocol::{
    dispute::terms::VerifiedTerms,
    ending::{self, Caller},
    job::{Kind, Reason, Return, ReturnCause, State, first_attempt},
    units::{Amount, BasisPoints, Price, Seconds, UnixTimestamp},
};

use super::{
    Job, Model, Outcome, Place, Rejection, SlotUse, Waiter, dispute_state::dispute_terms, ensure,
};
use crate::actors::{self, Order};

impl Model {
    /// Lists a job, for the first waiting node or the chosen one.
    pub fn list(&mut self, order: &Order, chosen: Option<(usize, u8)>) -> Outcome {
        let number = actors::job(order.job);
        let market = actors::market(order.market);
        let client = actors::client_of(number);
        let payer = actors::payer_of(number, order.payer);
        let now = self.now;
        let paused = self.config.paused;
        let fee = self.config.policy.0;
        let is_listed = self.jobs[number].is_some();
        let here = self.market(market)?;
        ensure(!paused, Error::Paused)?;
        ensure(!here.retired, Error::MarketRetired)?;
        ensure(!order.blank, Error::EmptyDigest)?;

        let kind = Kind::from_byte(order.kind).ok_or(Error::UnknownKind)?;
        let in_range = order.seconds >= u64::from(here.terms.min_timeout_seconds)
            && order.seconds <= here.terms.max_timeout_seconds;
        ensure(in_range, Error::TimeoutOutOfRange)?;
        ensure(order.highest >= here.terms.price_per_second, Error::PriceAboveMaximum)?;
        ensure(!is_listed, Rejection::Below)?;

        let verified = match kind {
            Kind::VerifiedBatch => admit_verified(&here.terms, order.seconds)?,
            Kind::Batch | Kind::Service => None,
        };
        let mut job = Job::new(client, payer, market, &here.terms, now);
        job.terms.kind = kind;
        job.terms.timeout = Seconds(order.seconds);
        job.terms.fee = BasisPoints(fee);
        if let Some(VerifiedTerms { panel_fee, min_collateral }) = verified {
            (job.panel_fee, job.min_collateral) = (panel_fee.0, min_collateral.0);
            job.phase_length = Seconds(here.terms.dispute_seconds.into());
        }
        job.escrow = job.terms.escrow_amount().map_err(|_| Error::Overflow)?.0;

        let price = job.terms.price.0;
        ensure(here.open < here.cells as u64, Error::QueueFull)?;
        job.revision = here.revision;
        job.attempt_id = first_attempt(UnixTimestamp(now), here.listed);
        let matched = match (chosen, here.queue.front().copied()) {
            (Some((node, nth)), _) => Some(here.withdraw(Waiter::Node(node), nth)?),
            (None, Some(Place { who: Waiter::Node(_), .. })) => here.queue.pop_front(),
            (None, _) => {
                ensure(here.queue.len() < here.cells, Error::QueueFull)?;
                here.queue.push_back(Place { who: Waiter::Job(number), price });
                None
            }
        };
        if let Some(place) = matched {
            ensure(place.price <= price, Error::PriceBelowMinimum)?;
            job.match_with(place, now);
        }
        here.listed += 1;
        here.open += 1;
        self.take(payer, job.escrow)?;
        self.jobs[number] = Some(job);
        Ok(())
    }

    /// Withdraws a waiting job.
    pub fn cancel(&mut self, number: usize, by: usize, nth: u8) -> Outcome {
        let job = self.job(number)?;
        ensure(by == job.client, Error::NotClient)?;
        if job.state == State::Matched {
            self.job_mut(number).cancel_requested = true;
            return Ok(());
        }
        ensure(job.state == State::Queued, Error::WrongState)?;
        self.market(job.market)?.withdraw(Waiter::Job(number), nth)?;
        self.settle_job(number, Reason::Cancelled, None, None);
        Ok(())
    }

    /// Buys more time.
    pub fn extend(&mut self, number: usize, by: usize, payer: usize, seconds: u64) -> Outcome {
        let job = self.job(number)?;
        let longest = self.market(job.market)?.terms.max_timeout_seconds;
        ensure(by == job.client, Error::NotClient)?;
        ensure(
            matches!(job.state, State::Queued | State::Matched | State::Running),
            Error::WrongState,
        )?;
        ensure(job.panel_fee == 0, Error::FixedTimeout)?;
        ensure(seconds > 0, Error::TimeoutOutOfRange)?;

        if job.state == State::Running {
            let now = UnixTimestamp(self.now);
            let end =
                ending::outcome_at(&job.run(), &job.clocks, now, Caller::Client).expect("in range");
            ensure(end.is_none(), Error::DeadlinePassed)?;
        }
        let now = self.now;
        let (longer, due) = job.terms.extended_by(Seconds(seconds)).map_err(|_| Error::Overflow)?;
        ensure(longer.timeout.0 <= longest, Error::TimeoutOutOfRange)?;
        let from_budget = due.0.min(job.budget);
        self.take(payer, due.0 - from_budget)?;
        let job = self.job_mut(number);
        job.terms = longer;
        if job.state == State::Running {
            job.heartbeat_at = now;
        }
        job.budget -= from_budget;
        job.escrow += due.0 - from_budget;
        Ok(())
    }

    /// Adds to the budget.
    pub fn top_up(&mut self, number: usize, by: usize, amount: u64) -> Outcome {
        let job = self.job(number)?;
        ensure(!self.config.paused, Error::Paused)?;
        ensure(amount > 0, Error::ZeroAmount)?;
        ensure(
            matches!(job.state, State::Queued | State::Matched | State::Running),
            Error::WrongState,
        )?;

        job.escrow.checked_add(amount).ok_or(Error::Overflow)?;
        self.take(by, amount)?;
        let job = self.job_mut(number);
        job.budget += amount;
        job.escrow += amount;
        Ok(())
    }

    /// Ends a job that runs, or that a node took from the queue.
    pub fn stop(&mut self, number: usize, node: usize, by: usize) -> Outcome {
        let job = self.job(number)?;
        ensure(by == job.client, Error::NotClient)?;
        let (used, proven) = match job.state {
            State::Queued => (SlotUse::Claimed(number), None),
            State::Running => {
                ensure(job.node == Some(node), Error::NotThisNode)?;
                let proven =
                    ending::proven_seconds(&job.run(), &job.clocks, UnixTimestamp(self.now))
                        .expect("in range");
                (SlotUse::Running(number), Some(proven))
            }
            _ => return Err(Error::WrongState.into()),
        };
        self.free_slot(node, used)?;
        self.settle_job(number, Reason::ClientStopped, proven, Some(node));
        Ok(())
    }

    /// Accepts a result before its window is over.
    pub fn accept(&mut self, number: usize, node: usize, by: usize) -> Outcome {
        let job = self.job(number)?;
        ensure(by == job.client, Error::NotClient)?;
        ensure(job.state == State::Submitted, Error::WrongState)?;
        self.pay_result(number, node)
    }

    /// Rejects a result before its window is over. A disputed one stays disputed.
    pub fn reject(&mut self, number: usize, node: usize, by: usize, requeue: bool) -> Outcome {
        let job = self.job(number)?;
        ensure(by == job.client, Error::NotClient)?;
        let has_result = matches!(job.state, State::Submitted | State::Challenged);
        ensure(has_result, Error::WrongState)?;
        ensure(job.node == Some(node), Error::NotThisNode)?;
        let until = job.submitted_at + i64::try_from(job.clocks.challenge.0).expect("in range");
        ensure(self.now < until, Error::DeadlinePassed)?;
        if job.state == State::Challenged {
            self.job_mut(number).rejection_requested = true;
            return Ok(());
        }

        let proven = UnixTimestamp(job.submitted_at).seconds_since(UnixTimestamp(job.started_at));
        let collateral = std::mem::take(&mut self.job_mut(number).collateral);
        if !requeue || job.attempts >= job.max_attempts {
            self.settle_job(number, Reason::ResultRejected, Some(proven), Some(node));
            self.keep_collateral(node, collateral);
            return Ok(());
        }

        let cost = job.terms.rejection_cost(proven).expect("in range").0;
        let from_budget = cost.min(job.budget);
        let own = job.payer == job.client && self.balances[job.payer].is_some();
        ensure(cost == from_budget || own, Error::SourceNotOwned)?;
        self.take(job.payer, cost - from_budget)?;
        self.market(job.market)?.fees += cost;
        let stored = self.job_mut(number);
        stored.budget -= from_budget;
        stored.escrow -= from_budget;
        self.keep_collateral(node, collateral);
        self.requeue(number, node, Return::Rejected, ReturnCause::ResultRejected);
        Ok(())
    }

    /// Takes what could not be paid. `node` is out of range if none is named.
    pub fn collect(&mut self, number: usize, by: usize, node: usize, to: usize) -> Outcome {
        let mut job = self.job(number)?;
        ensure(self.balances[to].is_some(), Error::CannotReceive)?;

        let mut amount = 0;
        let holder = actors::holder_of(to);
        if [by, holder].contains(&job.payer) {
            amount += std::mem::take(&mut job.payer_credit);
        }
        if node < actors::NODES
            && job.node == Some(node)
            && [by, holder].contains(&actors::owner_of(node))
        {
            amount += std::mem::take(&mut job.node_credit);
        }
        ensure(amount > 0, Error::NothingToCollect)?;
        *self.job_mut(number) = job;
        self.market(job.market)?.credits -= amount;
        self.give(to, amount);
        Ok(())
    }

    /// Closes a settled job. Its market may be gone by then.
    pub fn clean(&mut self, number: usize) -> Outcome {
        let job = self.jobs[number].ok_or(Rejection::Below)?;
        ensure(job.state == State::Settled, Error::WrongState)?;
        let over = job
            .clocks
            .is_cleanable(UnixTimestamp(job.settled_at), UnixTimestamp(self.now))
            .expect("in range");
        ensure(over, Error::TooEarly)?;
        ensure(job.node_credit == 0 && job.payer_credit == 0, Error::JobNotEmpty)?;

        self.jobs[number] = None;
        Ok(())
    }
}

/// What a verified job is listed with.
fn admit_verified(terms: &MarketTerms, seconds: u64) -> Outcome<Option<VerifiedTerms>> {
    let (price, collateral) = (Price(terms.price_per_second), Amount(terms.collateral_per_job));
    let window = Seconds(terms.challenge_seconds.into());
    let admitted = dispute_terms(terms).admit_job(price, Seconds(seconds), collateral, window);
    let admitted = admitted.map_err(|_| Error::Overflow)?;
    admitted.map(Some).ok_or_else(|| Error::NotVerifiable.into())
}

impl Job {
    /// Is matched with the node that waited in `place`.
    pub fn match_with(&mut self, place: Place, now: i64) {
        let Waiter::Node(node) = place.who else { panic!("a job was matched with a job") };
        self.state = State::Matched;
        self.node = Some(node);
        self.matched_at = now;
    }
}
