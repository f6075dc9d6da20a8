use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use nosana_protocol::{
    dispute::terms::DisputeTerms,
    units::{BasisPoints, Seconds, WHOLE_BPS},
};

use crate::{
    constants::{
        MAX_ATTEMPTS, MAX_CLOCK_SECONDS, MAX_PENALTY_PER_START_SECOND, MIN_PROOF_SECONDS,
        MIN_START_SECONDS_BEFORE_PENALTY, MIN_WAIT_SECONDS, NODE_SLOTS,
    },
    errors::JobsError,
    state::Gates,
};

/// The terms of a market. A job keeps the terms under which it was listed.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable, AnchorDeserialize, AnchorSerialize, IdlType)]
pub struct MarketTerms {
    /// The collection of which nodes must hold a token; zero if there is none.
    pub access_collection: Address,
    /// Price of a job, in base units per second; at least 1.
    pub price_per_second: u64,
    /// Minimum xNOS of a node's stake.
    pub min_xnos: u64,
    /// Base units of a node's stake that are locked for each job.
    pub collateral_per_job: u64,
    /// Base units of that collateral that a node loses if it does not start a job; at most
    /// `collateral_per_job`, and at most 62,500 for each second of `start_seconds`.
    pub no_start_penalty: u64,
    /// Longest timeout of a job, in seconds; at least 1, and at most the policy's.
    pub max_timeout_seconds: u64,
    /// Longest wait in the queue, in seconds, from 5 to 604,800. After it anyone may refund the
    /// deposit.
    pub queue_seconds: u32,
    /// Longest time from a match to the start, in seconds, from 5 to 604,800; at least 30 if there
    /// is a penalty.
    pub start_seconds: u32,
    /// Longest time between two heartbeats, in seconds, from 30 to 604,800.
    pub heartbeat_seconds: u32,
    /// Longest time from the end of the timeout to the result, in seconds, from 30 to 604,800.
    pub finish_grace_seconds: u32,
    /// Time from the result to its settlement, in which the client may reject it, in seconds; zero,
    /// or from 30 to 604,800.
    pub challenge_seconds: u32,
    /// Time from the settlement until the job can be closed, in seconds; at most 604,800.
    pub retention_seconds: u32,
    /// Minimum GPU memory of a node, in MiB.
    pub min_vram_mib: u32,
    /// Minimum benchmark of a node, in tokens of a prompt that the benchmark's model reads in a
    /// second.
    pub min_prompt_tokens_per_second: u32,
    /// Fee of a panelist in a dispute, as a rate of the price of the whole timeout, in basis points
    /// from 2,500 to 20,000; zero if the market takes no verified jobs.
    pub panel_fee_bps: u16,
    /// Minimum reputation of a node, in basis points; at most 10,000. A new node has 5,000.
    pub min_reputation_bps: u16,
    /// How many times a job may be requeued after a node failed; at most 16.
    pub max_attempts: u16,
    /// Slots that one node may use in this market at a time, from 1 to 16.
    pub max_parallel: u16,
    /// Shortest timeout of a job, in seconds; at least 1, and at most `max_timeout_seconds`. Below
    /// it a job may pay its node less than the transactions cost.
    pub min_timeout_seconds: u32,
    /// Shortest time from the start of a batch job until its slot is free again after a result, in
    /// seconds; at most `min_timeout_seconds`. So a node that submits garbage quickly does not get
    /// the next job quickly. The node is paid until its result, not for the rest of this time.
    pub min_run_seconds: u32,
    /// Length of each phase of a dispute, in seconds, from 120 to 86,400; zero if the market takes
    /// no verified jobs. They need a challenge window of at least 60 s; a job is verified only if
    /// phase and window are each at least as long as its timeout.
    pub dispute_seconds: u32,
    /// Smallest ratio of the collateral of a verified job to the price of its whole timeout, from 10
    /// to 10,000; zero if the market takes no verified jobs.
    pub min_collateral_ratio: u32,
}

const _: () = assert!(core::mem::size_of::<MarketTerms>() == 128);

impl MarketTerms {
    /// Returns true if a node that took its slot under these terms loses the same, in the same
    /// time, for jobs that require the same, as under `other`.
    pub fn binds_nodes_like(&self, other: &Self) -> bool {
        self.no_start_penalty == other.no_start_penalty
            && self.collateral_per_job == other.collateral_per_job
            && self.start_seconds == other.start_seconds
            && self.min_xnos == other.min_xnos
            && self.access_collection == other.access_collection
            && self.dispute_terms() == other.dispute_terms()
    }

    /// Returns what a node must have.
    pub const fn node_gates(&self) -> Gates {
        Gates {
            min_xnos: self.min_xnos,
            min_vram_mib: self.min_vram_mib,
            min_prompt_tokens_per_second: self.min_prompt_tokens_per_second,
            min_reputation_bps: self.min_reputation_bps,
        }
    }

    /// Returns the terms for verified jobs.
    pub fn dispute_terms(&self) -> DisputeTerms {
        DisputeTerms {
            phase: Seconds(self.dispute_seconds.into()),
            panel_fee: BasisPoints(self.panel_fee_bps),
            min_collateral_ratio: self.min_collateral_ratio,
        }
    }

    /// Fails unless all terms lie in their bounds; the policy's `max_timeout_seconds` is one.
    ///
    /// A price of zero would let a job name a refund account that never had to pay, and so one that
    /// its settlement cannot pay. A short clock would make it cheap to crowd out a node's
    /// transactions until the clock has run out: the client would not pay for the work, and who
    /// reports a late start gets a part of the penalty. So the penalty of one slot grows with the
    /// start clock at most; a node has sixteen slots.
    pub fn check_bounds(&self, max_timeout_seconds: u64) -> Result<()> {
        let waits = [self.queue_seconds, self.start_seconds];
        let proofs = [self.heartbeat_seconds, self.finish_grace_seconds];
        let others = [self.challenge_seconds, self.retention_seconds];
        let max_penalty = u64::from(self.start_seconds).checked_mul(MAX_PENALTY_PER_START_SECOND);

        let in_bounds =
            waits.iter().all(|wait| (MIN_WAIT_SECONDS..=MAX_CLOCK_SECONDS).contains(wait))
                && proofs.iter().all(|wait| (MIN_PROOF_SECONDS..=MAX_CLOCK_SECONDS).contains(wait))
                && others.iter().all(|wait| *wait <= MAX_CLOCK_SECONDS)
                && (1..=max_timeout_seconds).contains(&self.max_timeout_seconds)
                && (1..=self.max_timeout_seconds).contains(&self.min_timeout_seconds.into())
                && self.min_run_seconds <= self.min_timeout_seconds
                && (self.challenge_seconds == 0 || self.challenge_seconds >= MIN_PROOF_SECONDS)
                && max_penalty.is_some_and(|most| self.no_start_penalty <= most)
                && self.price_per_second > 0
                && self.no_start_penalty <= self.collateral_per_job
                && (self.no_start_penalty == 0
                    || self.start_seconds >= MIN_START_SECONDS_BEFORE_PENALTY)
                && self.dispute_terms().are_in_bounds(Seconds(self.challenge_seconds.into()))
                && self.min_reputation_bps <= WHOLE_BPS
                && self.max_attempts <= MAX_ATTEMPTS
                && (1..=NODE_SLOTS).contains(&usize::from(self.max_parallel));
        require!(in_bounds, JobsError::TermsOutOfRange);
        Ok(())
    }
}
