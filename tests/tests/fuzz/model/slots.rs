//! The slots of nodes.

use nosana_client::jobs::{Error, types::MarketTerms};
use nosana_protocol::{
    clocks::{Clocks, remembered_refusals},
    job::State,
    units::UnixTimestamp,
};

use super::{Model, Outcome, Slot, SlotUse, ensure};
use crate::actors;

impl Slot {
    /// Not in use.
    pub const FREE: Self = Self {
        used: SlotUse::Free,
        market: 0,
        since: 0,
        taken_at: 0,
        collateral: 0,
        penalty: 0,
        revision: 0,
        refusals: 0,
        remembered_until: 0,
    };

    /// Not in use any more.
    pub fn freed(&self) -> Self {
        Self { refusals: self.refusals, remembered_until: self.remembered_until, ..Self::FREE }
    }

    /// Rests until this moment.
    pub fn resting(&self, until: UnixTimestamp) -> Self {
        Self { used: SlotUse::Resting, market: self.market, since: until.0, ..self.freed() }
    }

    /// Rests after its node gave back a job that was matched with it at `matched`.
    pub fn resting_matched(&self, clocks: &Clocks, matched: i64, now: i64) -> Self {
        let (matched, now) = (UnixTimestamp(matched), UnixTimestamp(now));
        self.resting(clocks.rest_after_refusal(matched, now, 0).expect("in range"))
    }

    /// Rests after it took a job at `taken` and gave it back, or did not start a job in time.
    pub fn resting_unstarted(&self, clocks: &Clocks, taken: i64, now: i64) -> Self {
        let (taken, now) = (UnixTimestamp(taken), UnixTimestamp(now));
        let before = UnixTimestamp(self.remembered_until);
        let refusals = remembered_refusals(self.refusals, before, now);
        let until = clocks.rest_after_refusal(taken, now, refusals).expect("in range");
        let refusals = refusals.saturating_add(1);
        let remembered_until = clocks.remember_refusal(before, now).expect("in range").0;
        Self { refusals, remembered_until, ..self.resting(until) }
    }

    /// Whether it may be used at `now`.
    pub fn is_free(&self, now: i64) -> bool {
        self.used == SlotUse::Free || (self.used == SlotUse::Resting && self.since < now)
    }
}

impl Model {
    /// Fails unless `by` works with the node.
    pub fn owns(&self, node: usize, by: usize) -> Outcome {
        ensure(by == actors::owner_of(node), Error::NotNodeAuthority)
    }

    /// The slot that is used for this.
    pub fn slot(&mut self, node: usize, used: SlotUse) -> Outcome<&mut Slot> {
        let mut slots = self.nodes[node].slots.iter_mut();
        slots.find(|slot| slot.used == used).ok_or_else(|| Error::NoSuchSlot.into())
    }

    /// The slots that wait in the market.
    fn waiting_slots(&mut self, node: usize, market: usize) -> impl Iterator<Item = &mut Slot> {
        let slots = self.nodes[node].slots.iter_mut();
        slots.filter(move |slot| slot.used == SlotUse::Waiting && slot.market == market)
    }

    /// The slot of an entry in the market's queue: the last that was taken.
    pub fn queued_slot(&mut self, node: usize, market: usize) -> Option<&mut Slot> {
        self.waiting_slots(node, market).max_by_key(|slot| slot.taken_at)
    }

    /// The slot that is kept for a job that has not started.
    pub fn unstarted_slot(&mut self, job: usize, node: usize) -> Outcome<&mut Slot> {
        let stored = self.jobs[job].expect("the job is there");
        if stored.state == State::Matched {
            let waiting = self.waiting_slots(node, stored.market);
            let oldest =
                waiting.min_by_key(|slot| (slot.revision != stored.revision, slot.taken_at));
            return oldest.ok_or_else(|| Error::NoSuchSlot.into());
        }
        self.slot(node, SlotUse::Claimed(job))
    }

    /// The slot is free, and its node keeps the collateral.
    pub fn free_slot(&mut self, node: usize, used: SlotUse) -> Outcome {
        let slot = self.slot(node, used)?;
        let collateral = slot.collateral;
        *slot = slot.freed();
        self.keep_collateral(node, collateral);
        Ok(())
    }

    /// Fails unless the node fulfills the requirements of these terms.
    pub fn suits(&self, node: usize, terms: &MarketTerms) -> Outcome {
        let gates =
            (terms.min_vram_mib, terms.min_prompt_tokens_per_second, terms.min_reputation_bps);
        self.passes(node, terms.min_xnos, gates)
    }

    /// Fails unless the node has this stake, GPU memory, benchmark and reputation.
    pub fn passes(
        &self,
        node: usize,
        min_xnos: u64,
        (min_vram, min_speed, min_reputation): (u32, u32, u16),
    ) -> Outcome {
        let worker = &self.nodes[node];
        let stake = self.stakes[node];
        ensure(!worker.draining, Error::Draining)?;
        let xnos = stake.map_or(0, |stake| stake.xnos);
        ensure(xnos >= min_xnos.max(1), Error::StakeTooSmall)?;
        ensure(worker.hardware.vram_mib >= min_vram, Error::NotEnoughVram)?;
        ensure(worker.hardware.prompt_tokens_per_second >= min_speed, Error::TooSlow)?;
        let score = worker.reputation.score_at(UnixTimestamp(self.now)).expect("in range").0;
        ensure(score >= min_reputation, Error::ReputationTooLow)
    }

    pub fn free_waiting(&mut self, node: usize, market: usize) {
        let slot = self.queued_slot(node, market).expect("a waiting node has a slot");
        let collateral = slot.collateral;
        *slot = slot.freed();
        self.keep_collateral(node, collateral);
    }
}
