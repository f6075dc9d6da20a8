use anchor_lang::prelude::*;
use bytemuck::Zeroable;
use nosana_program_common::{event::log_event, stake::Stake};
use nosana_protocol::{
    collateral::{self, CollateralUse},
    job::{Kind, Reason, State},
    reputation::{self, Reputation, is_self_dealing},
    settlement::Split,
    slot::SlotState,
    units::{Amount, Seconds, UnixTimestamp},
};

use crate::{
    constants::NODE_SLOTS,
    errors::{self, JobsError},
    events::NodeUpdated,
    state::{Endpoint, Job, Market, Slot},
};

/// The hardware of a node, as its authority reports it.
#[derive(Clone, Copy, AnchorDeserialize, AnchorSerialize, IdlType)]
pub struct Hardware {
    /// Digest of the measured hardware.
    pub digest: [u8; 32],
    /// GPU memory, in MiB.
    pub vram_mib: u32,
    /// Measured speed, in tokens of a prompt that the benchmark's model reads in a second.
    pub prompt_tokens_per_second: u32,
    /// Number of slots, from 1 to 16.
    pub capacity: u8,
    /// What the node can run, as flags of `nosana_job_spec::Capabilities`.
    pub capabilities: u32,
    /// Memory that one job may use, in MiB.
    pub memory_mib: u32,
}

/// What a market requires of a node.
pub struct Gates {
    /// Minimum xNOS of its stake.
    pub min_xnos: u64,
    /// Minimum GPU memory, in MiB.
    pub min_vram_mib: u32,
    /// Minimum benchmark.
    pub min_prompt_tokens_per_second: u32,
    /// Minimum reputation, in basis points.
    pub min_reputation_bps: u16,
}

/// A node, which runs jobs. Seeds: `["node", authority]`.
#[account]
pub struct Node {
    /// Signs for the node.
    pub authority: Address,
    /// The token account that is paid for jobs started from now on.
    pub payout: Address,
    /// The stake behind the node: `["stake", authority]` of the staking program.
    pub stake: Address,
    /// Digest of the measured hardware.
    pub hardware: [u8; 32],
    /// Base units earned.
    pub earned: u64,
    /// Value of the work delivered, in base units, fading; see `nosana_protocol::reputation`.
    pub reputation_good: u64,
    /// Value of the work promised and not delivered, in base units, fading.
    pub reputation_bad: u64,
    /// Unix timestamp of the last change of the reputation.
    pub reputation_at: i64,
    /// Batch jobs whose result was paid.
    pub jobs_completed: u32,
    /// Matches and runs after which the job was returned to the queue as a failure of the node.
    pub jobs_failed: u32,
    /// GPU memory, in MiB.
    pub vram_mib: u32,
    /// Measured speed, in tokens of a prompt that the benchmark's model reads in a second.
    pub prompt_tokens_per_second: u32,
    /// Number of slots that the node may use.
    pub capacity: u8,
    /// Nonzero while the node takes no new jobs.
    pub draining: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Results that their clients rejected, or that were found wrong in a dispute.
    pub jobs_rejected: u32,
    /// The slots.
    pub slots: [Slot; NODE_SLOTS],
    /// What the node can run, as flags of `nosana_job_spec::Capabilities`; as its authority reports
    /// it.
    pub capabilities: u32,
    /// Memory that one job may use, in MiB; as its authority reports it.
    pub memory_mib: u32,
    /// Weight with which the node may take seats of panels, in xNOS: its own stake's when it
    /// enrolled; zero if it is not enrolled.
    pub panel_weight: u64,
    /// Unix timestamp of the enrolment; zero if the node is not enrolled.
    pub panel_since: i64,
    /// Base units of the stake that are locked for the node and that no slot, result or seat uses:
    /// the next slot takes its collateral from them.
    pub idle_collateral: u64,
    /// Panels in which the node's vote was paid.
    pub panels_right: u32,
    /// Panels in which the node's vote was overruled.
    pub panels_overruled: u32,
    /// Where clients can connect to the node; all zeros if it has announced nothing.
    pub endpoint: Endpoint,
    /// For later fields.
    pub reserved: [u8; 20],
}

const _: () = assert!(core::mem::size_of::<Node>() == 2_168);

impl Node {
    /// Takes a free slot for `market` at `now`, with the collateral and penalty of its terms. Fails
    /// if the node already uses all the slots that the market allows.
    pub fn take_slot(&mut self, market: &Account<Market>, now: i64) -> Result<&mut Slot> {
        let terms = &market.terms;
        let address = *market.address();
        let usable = self.slots.iter_mut().take(self.capacity.into());
        let mut free = None;
        let mut used_here = 0_u16;
        for slot in usable {
            if slot.is_free(now) {
                free = free.or(Some(slot));
            } else if slot.market == address {
                // A resting slot counts. Otherwise a node could take and give back more jobs than
                // it may run.
                used_here = used_here.saturating_add(1);
            }
        }

        let slot = free.ok_or(JobsError::NoFreeSlot)?;
        require!(used_here < terms.max_parallel, JobsError::TooManyHere);

        *slot = Slot {
            market: address,
            since: now,
            taken_at: now,
            collateral: terms.collateral_per_job,
            no_start_penalty: terms.no_start_penalty,
            terms_revision: market.terms_revision,
            refusals: slot.refusals,
            remembered_until: slot.remembered_until,
            ..Slot::zeroed()
        };
        Ok(slot)
    }

    /// Uses `needed` base units of collateral, idle ones first; returns how many are missing, which
    /// the caller must lock. Fails if the node's stake has locked less than what is idle.
    pub fn use_collateral(&mut self, needed: u64, stake: &Stake) -> Result<u64> {
        require!(stake.locked >= self.idle_collateral, JobsError::InvariantViolated);

        let CollateralUse { idle, missing } =
            collateral::use_idle(Amount(self.idle_collateral), Amount(needed));
        self.idle_collateral = idle.0;
        Ok(missing.0)
    }

    /// Keeps `amount` base units of collateral that a slot, a result or a seat has used, for the
    /// next one.
    pub fn keep_collateral(&mut self, amount: u64) -> Result<()> {
        self.idle_collateral =
            self.idle_collateral.checked_add(amount).ok_or(JobsError::Overflow)?;
        Ok(())
    }

    /// Emits [`NodeUpdated`].
    pub fn emit_updated(&self, address: &Address) {
        log_event(NodeUpdated {
            node: *address,
            payout: self.payout,
            hardware: self.hardware,
            vram_mib: self.vram_mib,
            prompt_tokens_per_second: self.prompt_tokens_per_second,
            capacity: self.capacity.into(),
            draining: self.draining.into(),
        });
    }

    /// Fails unless the node does not drain and passes the `gates` of a market: `xnos` of its
    /// stake, at least one in every market, hardware, reputation.
    pub fn check_gates(&self, gates: &Gates, xnos: u64, now: i64) -> Result<()> {
        require!(self.draining == 0, JobsError::Draining);
        require!(xnos >= gates.min_xnos.max(1), JobsError::StakeTooSmall);
        require!(self.vram_mib >= gates.min_vram_mib, JobsError::NotEnoughVram);
        require!(
            self.prompt_tokens_per_second >= gates.min_prompt_tokens_per_second,
            JobsError::TooSlow
        );

        if gates.min_reputation_bps > 0 {
            let reputation = self.stored_reputation();
            let score = reputation.score_at(UnixTimestamp(now)).map_err(errors::overflow_error)?;
            require!(score.0 >= gates.min_reputation_bps, JobsError::ReputationTooLow);
        }
        Ok(())
    }

    /// Returns true if no slot is in use at `now`.
    pub fn is_idle(&self, now: i64) -> bool {
        self.slots.iter().all(|slot| slot.is_free(now))
    }

    /// Returns the waiting slot that a job uses which was matched with the node: of the slots that
    /// wait in the job's market, the oldest that was taken under the revision of the terms that the
    /// job was listed under; the oldest of all if there is none.
    ///
    /// An entry in the queue does not name its slot. The slots that wait in a market are as many as
    /// the node's entries there and the jobs that were matched with it, so each of them finds a
    /// slot, whichever the others use. By its revision, a job finds the slot with the penalty and
    /// the collateral of its own terms, also if `assign` matched it out of turn.
    fn oldest_waiting_slot(&mut self, job: &Job) -> Result<&mut Slot> {
        let revision = job.terms_revision;
        let oldest = self
            .waiting_slots(&job.market)
            .min_by_key(|slot| (slot.terms_revision != revision, slot.taken_at));
        Ok(oldest.ok_or(JobsError::NoSuchSlot)?)
    }

    /// Returns the waiting slot that an entry in the queue of `market` gives up: of the slots that
    /// wait there, the newest. Mostly entries leave the queue in order, and then the older slots
    /// are those of the jobs that were matched meanwhile.
    pub fn newest_waiting_slot(&mut self, market: &Address) -> Result<&mut Slot> {
        let newest = self.waiting_slots(market).max_by_key(|slot| slot.taken_at);
        Ok(newest.ok_or(JobsError::NoSuchSlot)?)
    }

    /// Returns the slots that wait in `market`.
    fn waiting_slots(&mut self, market: &Address) -> impl Iterator<Item = &mut Slot> {
        self.slots
            .iter_mut()
            .filter(move |slot| slot.state == SlotState::Waiting as u8 && slot.market == *market)
    }

    /// Returns the slot in `state` that holds `job`.
    pub fn holding_slot(&mut self, job: &Address, state: SlotState) -> Result<&mut Slot> {
        let mut slots = self.slots.iter_mut();
        let found = slots.find(|slot| slot.state == state as u8 && slot.job == *job);
        Ok(found.ok_or(JobsError::NoSuchSlot)?)
    }

    /// Returns the slot reserved for `job` at `address` until it starts: a waiting slot if the job
    /// is matched with the node, else the slot that took the job.
    pub fn unstarted_slot(&mut self, job: &Job, address: &Address) -> Result<&mut Slot> {
        if job.current_state()? == State::Matched {
            self.oldest_waiting_slot(job)
        } else {
            self.holding_slot(address, SlotState::Claimed)
        }
    }

    /// Returns the reputation as it was at its last change.
    pub const fn stored_reputation(&self) -> Reputation {
        Reputation {
            good: self.reputation_good,
            bad: self.reputation_bad,
            at: UnixTimestamp(self.reputation_at),
        }
    }

    /// Adds a settlement of `job` to the node's earnings and, unless node and client are the same
    /// party, to its reputation.
    pub fn record_settlement(
        &mut self,
        job: &Job,
        reason: Reason,
        split: &Split,
        now: i64,
    ) -> Result<()> {
        self.earned = self.earned.saturating_add(split.node.0);
        match (reason, job.money_terms()?.kind) {
            (Reason::Completed, Kind::Batch | Kind::VerifiedBatch) => {
                self.jobs_completed = self.jobs_completed.saturating_add(1);
            }
            (Reason::ResultRejected | Reason::ResultWrong, _) => {
                self.jobs_rejected = self.jobs_rejected.saturating_add(1);
            }
            _ => {}
        }
        if is_self_dealing(&self.authority, &self.payout, &job.client, &job.payer, &job.payer_token)
        {
            return Ok(());
        }

        let promised = Seconds(job.promised_seconds);
        let has_window = job.challenge_seconds > 0;
        let evidence = reputation::settlement_evidence(
            &job.money_terms()?,
            promised,
            reason,
            split,
            has_window,
        )
        .map_err(errors::overflow_error)?;
        let after = self
            .stored_reputation()
            .with_evidence(evidence, UnixTimestamp(now))
            .map_err(errors::overflow_error)?;

        self.reputation_good = after.good;
        self.reputation_bad = after.bad;
        self.reputation_at = after.at.0;
        Ok(())
    }
}
