use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use nosana_protocol::{
    job::{Reason, State},
    reputation::{self, Reputation, is_own},
    settlement::Split,
    slot::SlotState,
    units::{Seconds, UnixTimestamp},
};

use crate::{
    constants::NODE_SLOTS,
    errors::{self, JobsError},
    events::NodeUpdated,
    state::{Job, MarketTerms},
};

/// One job's place on a node.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
pub struct Slot {
    /// The market it waits or works in.
    pub market: Address,
    /// The job it took or runs; zero while it waits.
    pub job: Address,
    /// Since when it is in this state, in unix seconds; of a resting slot, until when.
    pub since: i64,
    /// When the node took it by `work`, in unix seconds.
    pub taken_at: i64,
    /// Base units of the stake that are locked for it.
    pub collateral: u64,
    /// Base units of them that are lost if the job it takes is not started: the market's terms when
    /// it was used.
    pub no_start_penalty: u64,
    /// See [`SlotState`].
    pub state: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 7],
}

/// What a node says about its machine.
#[derive(Clone, Copy, AnchorDeserialize, AnchorSerialize, IdlType)]
pub struct Hardware {
    /// Digest of the measured hardware.
    pub digest: [u8; 32],
    /// GPU memory in MiB.
    pub vram_mib: u32,
    /// Measured speed, in GFLOP/s of 32-bit matrix products.
    pub gflops: u32,
    /// Slots that it may use, between one and eight.
    pub capacity: u8,
}

/// A node: hardware that someone sells. Seeds: `["node", authority]`.
#[account]
pub struct Node {
    /// Who works with it.
    pub authority: Address,
    /// The token account that is paid.
    pub payout: Address,
    /// The stake that backs it: `["stake", authority]` of the staking program.
    pub stake: Address,
    /// Digest of the measured hardware.
    pub hardware: [u8; 32],
    /// Base units earned.
    pub earned: u64,
    /// Base units of work delivered, faded; see [`nosana_protocol::reputation`].
    pub reputation_good: u64,
    /// Base units of work promised and not delivered, faded.
    pub reputation_bad: u64,
    /// When the reputation was last brought up to date, in unix seconds.
    pub reputation_at: i64,
    /// Batch jobs whose result it delivered.
    pub jobs_completed: u32,
    /// Matches and runs that it gave up or lost, so that the job was queued again.
    pub jobs_failed: u32,
    /// GPU memory in MiB.
    pub vram_mib: u32,
    /// Measured speed, in GFLOP/s of 32-bit matrix products.
    pub gflops: u32,
    /// Slots that it may use.
    pub capacity: u8,
    /// Not zero while it takes no new jobs.
    pub draining: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 4],
    /// Its jobs.
    pub slots: [Slot; NODE_SLOTS],
    /// For later fields.
    pub reserved: [u8; 128],
}

const _: () = assert!(core::mem::size_of::<Slot>() == 104);
const _: () = assert!(core::mem::size_of::<Node>() == 1_144);

impl Node {
    /// Takes a slot for `market` at `now`, in `state`, under the market's `terms`.
    pub fn take_slot(
        &mut self,
        market: Address,
        terms: &MarketTerms,
        now: i64,
    ) -> Result<&mut Slot> {
        let usable = self.slots.iter_mut().take(self.capacity.into());
        let (mut free, mut here) = (None, 0_u16);
        for slot in usable {
            if slot.is_free(now) {
                free = free.or(Some(slot));
            } else if slot.market == market {
                // A resting slot counts: else a node could take and give back more jobs than it may
                // run.
                here = here.saturating_add(1);
            }
        }
        let slot = free.ok_or(JobsError::NoFreeSlot)?;
        require!(here < terms.max_parallel, JobsError::TooManyHere);
        *slot = Slot {
            market,
            since: now,
            taken_at: now,
            collateral: terms.collateral_per_job,
            no_start_penalty: terms.no_start_penalty,
            ..Slot::zeroed()
        };
        Ok(slot)
    }

    /// Tells what changed.
    pub fn emit_updated(&self, address: &Address) {
        emit!(NodeUpdated {
            node: *address,
            payout: self.payout,
            hardware: self.hardware,
            vram_mib: self.vram_mib,
            gflops: self.gflops,
            capacity: self.capacity.into(),
            draining: self.draining.into(),
        });
    }

    /// Fails unless the node meets what a market with these `terms` asks for, with a stake of this
    /// weight.
    pub fn check_gates(&self, terms: &MarketTerms, xnos: u64, now: i64) -> Result<()> {
        require!(self.draining == 0, JobsError::Draining);
        require!(xnos >= terms.min_xnos, JobsError::StakeTooSmall);
        require!(self.vram_mib >= terms.min_vram_mib, JobsError::NotEnoughVram);
        require!(self.gflops >= terms.min_gflops, JobsError::TooSlow);
        if terms.min_reputation_bps > 0 {
            let score = self.reputation().score(UnixTimestamp(now)).map_err(errors::overflow)?;
            require!(score.0 >= terms.min_reputation_bps, JobsError::ReputationTooLow);
        }
        Ok(())
    }

    /// Whether no slot is in use at `now`.
    pub fn is_idle(&self, now: i64) -> bool {
        self.slots.iter().all(|slot| slot.is_free(now))
    }

    /// A slot that waits in `market`.
    pub fn waiting_in(&mut self, market: &Address) -> Result<&mut Slot> {
        let mut slots = self.slots.iter_mut();
        let found =
            slots.find(|slot| slot.state == SlotState::Waiting as u8 && slot.market == *market);
        Ok(found.ok_or(JobsError::NoSuchSlot)?)
    }

    /// The slot in `state` that holds `job`.
    pub fn holding(&mut self, job: &Address, state: SlotState) -> Result<&mut Slot> {
        let mut slots = self.slots.iter_mut();
        Ok(slots
            .find(|slot| slot.state == state as u8 && slot.job == *job)
            .ok_or(JobsError::NoSuchSlot)?)
    }

    /// The slot that keeps its place for `job` until it starts: the one that took it, or one that
    /// waited and was met.
    pub fn holding_unstarted(&mut self, job: &Account<Job>) -> Result<&mut Slot> {
        if job.state()? == State::Matched {
            self.waiting_in(&job.market)
        } else {
            self.holding(job.address(), SlotState::Claimed)
        }
    }

    /// What its past says about it.
    pub const fn reputation(&self) -> Reputation {
        Reputation {
            good: self.reputation_good,
            bad: self.reputation_bad,
            at: UnixTimestamp(self.reputation_at),
        }
    }

    /// Counts a settlement of `job` for `reason` at `now`, by which it earned `split.node`.
    pub fn learn(&mut self, job: &Job, reason: Reason, split: &Split, now: i64) -> Result<()> {
        self.earned = self.earned.saturating_add(split.node.0);
        if is_own(&self.authority, &self.payout, &job.client, &job.payer, &job.payer_token) {
            return Ok(());
        }
        let promised = Seconds(job.promised_seconds);
        let evidence = reputation::evidence(&job.terms()?, promised, reason, split)
            .map_err(errors::overflow)?;
        let after =
            self.reputation().after(evidence, UnixTimestamp(now)).map_err(errors::overflow)?;
        self.reputation_good = after.good;
        self.reputation_bad = after.bad;
        self.reputation_at = after.at.0;
        Ok(())
    }
}

impl Slot {
    /// Whether it may be used at `now`.
    pub const fn is_free(&self, now: i64) -> bool {
        self.state == SlotState::Free as u8
            || (self.state == SlotState::Resting as u8 && now > self.since)
    }

    /// Frees the slot; returns the collateral that is now to be released or slashed.
    pub fn free(&mut self) -> u64 {
        let collateral = self.collateral;
        *self = Self::zeroed();
        collateral
    }

    /// Lets the slot rest until `until` is over; returns the collateral that is now to be released.
    pub fn rest(&mut self, until: i64) -> u64 {
        let market = self.market;
        let collateral = self.free();
        self.market = market;
        self.state = SlotState::Resting as u8;
        self.since = until;
        collateral
    }
}
