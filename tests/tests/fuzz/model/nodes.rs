//! What nodes do, and their slots.

use nosana_client::jobs::{Error, types::MarketTerms};
use nosana_protocol::{
    job::State,
    units::{UnixTimestamp, WHOLE_BPS},
};
use solana_address::Address;

use super::{Model, No, Place, Slot, Use, Verdict, Who, ensure};
use crate::cast;

impl Model {
    /// Fails unless `by` works with the node.
    pub(super) fn owns(&self, node: usize, by: usize) -> Verdict {
        ensure(by == cast::owner_of(node), Error::NotNodeAuthority)
    }

    /// The slot that is used for this.
    pub(super) fn slot(&mut self, node: usize, used: Use) -> Verdict<&mut Slot> {
        let mut slots = self.nodes[node].slots.iter_mut();
        slots.find(|slot| slot.used == used).ok_or_else(|| Error::NoSuchSlot.into())
    }

    /// A slot that waits in the market.
    pub(super) fn waiting_slot(&mut self, node: usize, market: usize) -> Option<&mut Slot> {
        let mut slots = self.nodes[node].slots.iter_mut();
        slots.find(|slot| slot.used == Use::Waiting && slot.market == market)
    }

    /// The slot that is kept for a job that has not started.
    pub(super) fn unstarted_slot(&mut self, job: usize, node: usize) -> Verdict<&mut Slot> {
        let stored = self.jobs[job].expect("the job is there");
        if stored.state == State::Matched {
            return self.waiting_slot(node, stored.market).ok_or_else(|| Error::NoSuchSlot.into());
        }
        self.slot(node, Use::Offered(job))
    }

    /// The slot is free, and its collateral released.
    pub(super) fn free_slot(&mut self, node: usize, used: Use) -> Verdict {
        let slot = self.slot(node, used)?;
        let collateral = slot.collateral;
        *slot = Slot::FREE;
        self.release(node, collateral);
        Ok(())
    }

    /// Fails unless the node is what a market with these terms asks for.
    fn suits(&self, node: usize, terms: &MarketTerms) -> Verdict {
        let (worker, stake) = (&self.nodes[node], self.stakes[node]);
        ensure(!worker.draining, Error::Draining)?;
        ensure(stake.map_or(0, |stake| stake.xnos) >= terms.min_xnos, Error::StakeTooSmall)?;
        ensure(worker.hardware.vram_mib >= terms.min_vram_mib, Error::NotEnoughVram)?;
        ensure(worker.hardware.gflops >= terms.min_gflops, Error::TooSlow)?;
        let score = worker.reputation.score(UnixTimestamp(self.now)).expect("in range").0;
        ensure(score >= terms.min_reputation_bps, Error::ReputationTooLow)
    }

    /// Takes the first waiting job or waits for one.
    pub(super) fn work(
        &mut self,
        node: usize,
        market: usize,
        (lowest, highest): (u64, u64),
        by: usize,
    ) -> Verdict {
        let (now, paused) = (self.now, self.config.paused);
        let terms = self.market(market)?.terms;
        let retired = self.market(market)?.retired;
        self.stakes[node].ok_or(No::Below)?;
        self.owns(node, by)?;
        let worker = self.nodes[node];
        ensure(!paused, Error::Paused)?;
        ensure(!retired, Error::MarketRetired)?;
        ensure(terms.price_per_second >= lowest, Error::PriceBelowMinimum)?;
        ensure(terms.collateral_per_job <= highest, Error::CollateralAboveMaximum)?;
        self.suits(node, &terms)?;
        // Nobody here holds a token of any collection.
        ensure(terms.access_collection == Address::default(), Error::NoAccess)?;

        let usable = &worker.slots[..worker.hardware.capacity.into()];
        let free = usable.iter().position(|slot| slot.is_free(now)).ok_or(Error::NoFreeSlot)?;
        let here = usable.iter().filter(|slot| !slot.is_free(now) && slot.market == market).count();
        ensure(here < usize::from(terms.max_parallel), Error::TooManyHere)?;
        let queue = self.market(market)?;
        let used = match queue.line.front().copied() {
            Some(Place { who: Who::Job(job), price }) => {
                ensure(price >= lowest, Error::PriceBelowMinimum)?;
                queue.line.pop_front();
                Use::Offered(job)
            }
            _ => {
                ensure(queue.line.len() < queue.cells, Error::QueueFull)?;
                queue.line.push_back(Place { who: Who::Node(node), price: lowest });
                Use::Waiting
            }
        };
        self.lock(node, terms.collateral_per_job)?;
        self.nodes[node].slots[free] = Slot {
            used,
            market,
            since: now,
            taken_at: now,
            collateral: terms.collateral_per_job,
            penalty: terms.no_start_penalty,
        };
        Ok(())
    }

    /// Stops waiting.
    pub(super) fn leave(&mut self, node: usize, market: usize, nth: u8, by: usize) -> Verdict {
        self.market(market)?;
        self.owns(node, by)?;
        self.market(market)?.withdraw(Who::Node(node), nth)?;
        self.free_waiting(node, market);
        Ok(())
    }

    /// Removes a node that should not wait.
    pub(super) fn evict(&mut self, node: usize, market: usize, nth: u8) -> Verdict {
        let terms = self.market(market)?.terms;
        let suits = self.suits(node, &terms).is_ok();
        let taken_at = self.waiting_slot(node, market).map(|slot| slot.taken_at);
        let here = self.market(market)?;
        let asked_later = terms.access_collection != Address::default();
        let shown = !asked_later || taken_at.is_some_and(|taken_at| taken_at > here.terms_since);
        let place = here.withdraw(Who::Node(node), nth)?;
        let rightful = place.price <= terms.price_per_second && suits && shown && !here.retired;
        ensure(!rightful, Error::NotEvictable)?;
        self.free_waiting(node, market);
        Ok(())
    }

    fn free_waiting(&mut self, node: usize, market: usize) {
        let slot = self.waiting_slot(node, market).expect("who waits has a slot");
        let collateral = slot.collateral;
        *slot = Slot::FREE;
        self.release(node, collateral);
    }

    /// Binds node and job.
    pub(super) fn start(&mut self, node: usize, job: usize, by: usize, misread: bool) -> Verdict {
        let mut stored = self.jobs[job].ok_or(No::Below)?;
        let stake = self.stakes[node].ok_or(No::Below)?;
        self.owns(node, by)?;
        ensure(!misread, Error::NotAsRead)?;
        ensure(stake.xnos >= stored.min_xnos, Error::StakeTooSmall)?;
        ensure(stored.collection == Address::default(), Error::NoAccess)?;
        ensure(stored.state != State::Matched || stored.node == Some(node), Error::NotThisNode)?;
        let (now, payout) = (self.now, self.nodes[node].payout);
        let slot = self.unstarted_slot(job, node)?;
        slot.used = Use::Running(job);
        slot.since = now;
        stored.state = State::Running;
        stored.node = Some(node);
        stored.node_token = Some(payout);
        stored.promised = stored.terms.timeout;
        stored.started_at = now;
        stored.heartbeat_at = now;
        *self.job_mut(job) = stored;
        Ok(())
    }

    /// Proves that the node is alive.
    pub(super) fn heartbeat(
        &mut self,
        node: usize,
        job: usize,
        by: usize,
        checkpoint: u8,
        progress: u16,
    ) -> Verdict {
        let now = self.now;
        let stored = self.jobs[job].as_mut().ok_or(No::Below)?;
        ensure(by == cast::owner_of(node), Error::NotNodeAuthority)?;
        ensure(stored.node == Some(node), Error::NotThisNode)?;
        ensure(stored.state == State::Running, Error::WrongState)?;
        let silent = stored
            .clocks
            .heartbeat_lost(UnixTimestamp(stored.heartbeat_at), UnixTimestamp(now))
            .expect("in range");
        ensure(!silent, Error::DeadlinePassed)?;
        stored.heartbeat_at = now;
        if checkpoint != 0 {
            stored.checkpoint = checkpoint;
        }
        stored.progress = progress.min(WHOLE_BPS);
        Ok(())
    }

    /// Changes what the node promises.
    pub(super) fn update_hardware(
        &mut self,
        node: usize,
        by: usize,
        (capacity, vram, gflops): (u8, u32, u32),
        blank: bool,
    ) -> Verdict {
        let now = self.now;
        self.owns(node, by)?;
        let node = &mut self.nodes[node];
        ensure(node.slots.iter().all(|slot| slot.is_free(now)), Error::NodeInUse)?;
        ensure((1..=8).contains(&capacity), Error::CapacityOutOfRange)?;
        ensure(!blank, Error::EmptyDigest)?;
        node.hardware = cast::hardware(capacity, vram, gflops, false);
        Ok(())
    }

    /// Changes where the node is paid.
    pub(super) fn set_payout(&mut self, node: usize, by: usize, purse: usize) -> Verdict {
        self.owns(node, by)?;
        ensure(self.purses[purse].is_some(), Error::CannotReceive)?;
        ensure(cast::holder_of(purse) == by, Error::PayoutNotOwned)?;
        self.nodes[node].payout = purse;
        Ok(())
    }
}
