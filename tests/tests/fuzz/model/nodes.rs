//! The owners of nodes.

use nosana_client::jobs::Error;
use nosana_protocol::{
    ending::{self, Caller, RunOutcome},
    job::{Kind, Return, ReturnCause, State},
    units::{Seconds, UnixTimestamp, WHOLE_BPS},
};
use solana_address::Address;

use super::{Model, Outcome, Place, Rejection, Slot, SlotUse, Waiter, ensure};
use crate::actors;

impl Model {
    /// Takes the first waiting job or waits for one.
    pub fn work(
        &mut self,
        node: usize,
        market: usize,
        (lowest, highest): (u64, u64),
        by: usize,
    ) -> Outcome {
        let now = self.now;
        let paused = self.config.paused;
        let terms = self.market(market)?.terms;
        let retired = self.market(market)?.retired;
        let revision = self.market(market)?.revision;
        self.stakes[node].ok_or(Rejection::Below)?;
        self.owns(node, by)?;
        let worker = self.nodes[node];
        ensure(!paused, Error::Paused)?;
        ensure(!retired, Error::MarketRetired)?;
        ensure(terms.price_per_second >= lowest, Error::PriceBelowMinimum)?;
        ensure(terms.collateral_per_job <= highest, Error::CollateralAboveMaximum)?;

        self.suits(node, &terms)?;
        // No wallet here holds a token of any collection.
        ensure(terms.access_collection == Address::default(), Error::NoAccess)?;

        let usable = &worker.slots[..worker.hardware.capacity.into()];
        let free = usable.iter().position(|slot| slot.is_free(now)).ok_or(Error::NoFreeSlot)?;
        let here = usable.iter().filter(|slot| !slot.is_free(now) && slot.market == market).count();
        ensure(here < usize::from(terms.max_parallel), Error::TooManyHere)?;

        let stored = self.market(market)?;
        let used = match stored.queue.front().copied() {
            Some(Place { who: Waiter::Job(job), price }) => {
                ensure(price >= lowest, Error::PriceBelowMinimum)?;
                stored.queue.pop_front();
                SlotUse::Claimed(job)
            }
            _ => {
                ensure(stored.queue.len() < stored.cells, Error::QueueFull)?;
                stored.queue.push_back(Place { who: Waiter::Node(node), price: lowest });
                SlotUse::Waiting
            }
        };
        self.use_collateral(node, terms.collateral_per_job)?;
        self.nodes[node].slots[free] = Slot {
            used,
            market,
            since: now,
            taken_at: now,
            collateral: terms.collateral_per_job,
            penalty: terms.no_start_penalty,
            revision,
            refusals: worker.slots[free].refusals,
            remembered_until: worker.slots[free].remembered_until,
        };
        Ok(())
    }

    /// Stops waiting.
    pub fn leave(&mut self, node: usize, market: usize, nth: u8, by: usize) -> Outcome {
        self.market(market)?;
        self.owns(node, by)?;
        self.market(market)?.withdraw(Waiter::Node(node), nth)?;
        self.free_waiting(node, market);
        Ok(())
    }

    /// Binds node and job.
    pub fn start(&mut self, node: usize, job: usize, by: usize, misread: bool) -> Outcome {
        let mut stored = self.jobs[job].ok_or(Rejection::Below)?;
        let stake = self.stakes[node].ok_or(Rejection::Below)?;
        self.owns(node, by)?;
        ensure(!misread, Error::NotAsRead)?;
        ensure(stake.xnos >= stored.min_xnos, Error::StakeTooSmall)?;
        ensure(stored.collection == Address::default(), Error::NoAccess)?;
        ensure(stored.state != State::Matched || stored.node == Some(node), Error::NotThisNode)?;

        let now = self.now;
        let payout = self.nodes[node].payout;
        let slot = self.unstarted_slot(job, node)?;
        let taken = if stored.state == State::Matched { stored.matched_at } else { slot.since };
        let late = stored
            .clocks
            .match_expired(UnixTimestamp(taken), UnixTimestamp(now))
            .expect("in range");
        ensure(!late, Error::DeadlinePassed)?;
        ensure(slot.collateral >= stored.min_collateral, Error::CollateralTooSmall)?;
        slot.used = SlotUse::Running(job);
        slot.since = now;
        stored.state = State::Running;
        stored.node = Some(node);
        stored.node_token = Some(payout);
        stored.checkpoint = 0;
        stored.promised = stored.terms.timeout;
        stored.started_at = now;
        stored.heartbeat_at = now;
        *self.job_mut(job) = stored;
        Ok(())
    }

    /// Proves that the node is alive.
    pub fn heartbeat(
        &mut self,
        node: usize,
        job: usize,
        by: usize,
        checkpoint: u8,
        progress: u16,
    ) -> Outcome {
        let now = self.now;
        let stored = self.jobs[job].as_mut().ok_or(Rejection::Below)?;
        ensure(by == actors::owner_of(node), Error::NotNodeAuthority)?;
        ensure(stored.node == Some(node), Error::NotThisNode)?;
        ensure(stored.state == State::Running, Error::WrongState)?;

        let silence = ending::silence_before(&stored.run(), &stored.clocks, UnixTimestamp(now))
            .expect("in range");
        stored.silent = Seconds(stored.silent.0 + silence.0);
        stored.heartbeat_at = now;
        if checkpoint != 0 {
            stored.checkpoint = checkpoint;
        }
        stored.progress = progress.min(WHOLE_BPS);
        Ok(())
    }

    /// Changes what the node promises.
    pub fn update_hardware(
        &mut self,
        node: usize,
        by: usize,
        (capacity, vram, prompt_tokens_per_second): (u8, u32, u32),
        blank: bool,
    ) -> Outcome {
        let now = self.now;
        self.owns(node, by)?;
        let node = &mut self.nodes[node];
        ensure(node.slots.iter().all(|slot| slot.is_free(now)), Error::NodeInUse)?;
        ensure((1..=16).contains(&capacity), Error::CapacityOutOfRange)?;
        ensure(!blank, Error::EmptyDigest)?;

        node.hardware = actors::hardware(capacity, vram, prompt_tokens_per_second, false);
        Ok(())
    }

    /// Changes where the node is paid.
    pub fn set_payout(&mut self, node: usize, by: usize, account: usize) -> Outcome {
        self.owns(node, by)?;
        ensure(self.balances[account].is_some(), Error::CannotReceive)?;
        ensure(actors::holder_of(account) == by, Error::PayoutNotOwned)?;

        self.nodes[node].payout = account;
        Ok(())
    }

    /// Commits to a result, and to a sketch.
    pub fn finish(
        &mut self,
        number: usize,
        node: usize,
        by: usize,
        (blank, trace): (bool, Option<u8>),
    ) -> Outcome {
        let mut job = self.job(number)?;
        self.owns(node, by)?;
        ensure(!blank, Error::EmptyDigest)?;
        ensure(job.state == State::Running, Error::WrongState)?;
        ensure(job.node == Some(node), Error::NotThisNode)?;
        ensure(job.terms.kind != Kind::Service, Error::ServiceHasNoResult)?;
        let is_verified = job.terms.kind == Kind::VerifiedBatch;
        ensure(trace.is_some() == is_verified, Error::TraceMismatch)?;

        let deadline = job
            .clocks
            .result_deadline(UnixTimestamp(job.started_at), job.terms.timeout)
            .expect("in range");
        ensure(self.now <= deadline.0, Error::DeadlinePassed)?;

        let now = self.now;
        let slot = self.slot(node, SlotUse::Running(number)).expect("the node runs it");
        job.collateral = slot.collateral;
        let rest = job
            .clocks
            .rest_after_result(UnixTimestamp(job.started_at), UnixTimestamp(now))
            .expect("in range");
        *slot = rest.map_or_else(|| slot.freed(), |until| slot.resting(until));
        job.has_result = true;
        job.trace = trace;
        job.submitted_at = self.now;
        job.progress = 10_000;
        job.state = State::Submitted;
        *self.job_mut(number) = job;
        if job.clocks.challenge.0 == 0 { self.pay_result(number, node) } else { Ok(()) }
    }

    /// Gives a job back.
    pub fn quit(
        &mut self,
        number: usize,
        node: usize,
        by: usize,
        (cause, detail): (u8, u8),
    ) -> Outcome {
        let job = self.job(number)?;
        self.owns(node, by)?;
        ensure((1..=8).contains(&cause), Error::UnknownCause)?;
        let cause = ReturnCause::from_byte(cause).expect("in range");
        ensure(job.state == State::Queued || job.node == Some(node), Error::NotThisNode)?;
        let clocks = job.clocks;
        let now = UnixTimestamp(self.now);
        let (how, rested) = match job.state {
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
                let rested = if job.state == State::Matched {
                    slot.resting_matched(&clocks, taken.0, now.0)
                } else {
                    slot.resting_unstarted(&clocks, taken.0, now.0)
                };
                (Return::Refused, rested)
            }
            State::Running => {
                let end = ending::outcome_at(&job.run(), &clocks, now, Caller::Stranger)
                    .expect("in range");
                ensure(!matches!(end, Some(RunOutcome::Settle(..))), Error::DeadlinePassed)?;
                let slot = *self.slot(node, SlotUse::Running(number))?;
                (Return::Failed, slot.resting(clocks.rest_after_quit(now).expect("in range")))
            }
            _ => return Err(Error::WrongState.into()),
        };
        let slot = match how {
            Return::Refused => self.unstarted_slot(number, node)?,
            _ => self.slot(node, SlotUse::Running(number))?,
        };
        let collateral = slot.collateral;
        *slot = rested;
        self.keep_collateral(node, collateral);
        self.requeue(number, node, how, cause);
        let job = self.job_mut(number);
        (job.checkpoint, job.progress) = (detail, 0);
        Ok(())
    }

    /// Lets the node take no new jobs, or takes that back.
    pub fn set_draining(&mut self, node: usize, by: usize, on: bool) -> Outcome {
        self.owns(node, by)?;
        self.nodes[node].draining = on;
        Ok(())
    }
}
