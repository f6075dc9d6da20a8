use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use nosana_protocol::units::WHOLE_BPS;

use crate::{
    constants::{
        MAX_ATTEMPTS, MAX_CLOCK_SECONDS, MIN_START_SECONDS_BEFORE_PENALTY, MIN_WAIT_SECONDS,
        NODE_SLOTS,
    },
    errors::JobsError,
};

/// What a market offers and asks for. Jobs keep the terms under which they were listed.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable, AnchorDeserialize, AnchorSerialize, IdlType)]
pub struct MarketTerms {
    /// A collection of which nodes must hold a token; zero if none.
    pub access_collection: Address,
    /// What a job pays, in base units a second.
    pub price_per_second: u64,
    /// The least xNOS that a node's stake must have.
    pub min_xnos: u64,
    /// Base units of a node's stake that are locked for each job.
    pub collateral_per_job: u64,
    /// Base units of that collateral which a node loses if it takes a job and does not start it.
    pub no_start_penalty: u64,
    /// The longest timeout that a job may have.
    pub max_timeout_seconds: u64,
    /// The longest wait in the queue; after it anyone may send the deposit back.
    pub queue_seconds: u32,
    /// From a match to the start.
    pub start_seconds: u32,
    /// Between two heartbeats.
    pub heartbeat_seconds: u32,
    /// From the end of the timeout to the last moment for a result.
    pub finish_grace_seconds: u32,
    /// From a result to its settlement.
    pub challenge_seconds: u32,
    /// From a settlement to the moment the job's account may be closed.
    pub retention_seconds: u32,
    /// GPU memory that a node must have, in MiB.
    pub min_vram_mib: u32,
    /// Benchmark that a node must reach, in GFLOP/s of 32-bit matrix products.
    pub min_gflops: u32,
    /// How many of 10,000 results are audited. Reserved: nothing is audited yet.
    pub audit_rate_bps: u16,
    /// The least reputation that a node must have; 5,000 is a node that nobody knows.
    pub min_reputation_bps: u16,
    /// How often a job may be queued again after a node failed.
    pub max_attempts: u16,
    /// Slots that one node may use in this market at a time.
    pub max_parallel: u16,
}

const _: () = assert!(core::mem::size_of::<MarketTerms>() == 112);

impl MarketTerms {
    /// Fails unless all terms lie in their bounds, `max_timeout_seconds` among them.
    ///
    /// A price of nothing would let a job name a refund account that never had to pay, and so one
    /// that its settlement cannot take. A wait of nothing would let a node lose its job in the
    /// second it got it; where a late start is punished, and the reporter has a part of that, a
    /// short one would be worth crowding out the node's transactions for.
    pub fn check(&self, max_timeout_seconds: u64) -> Result<()> {
        let waits = [self.queue_seconds, self.start_seconds, self.heartbeat_seconds];
        let others = [self.finish_grace_seconds, self.challenge_seconds, self.retention_seconds];
        let in_bounds =
            waits.iter().all(|wait| (MIN_WAIT_SECONDS..=MAX_CLOCK_SECONDS).contains(wait))
                && others.iter().all(|wait| *wait <= MAX_CLOCK_SECONDS)
                && (1..=max_timeout_seconds).contains(&self.max_timeout_seconds)
                && self.price_per_second > 0
                && self.no_start_penalty <= self.collateral_per_job
                && (self.no_start_penalty == 0
                    || self.start_seconds >= MIN_START_SECONDS_BEFORE_PENALTY)
                && self.audit_rate_bps <= WHOLE_BPS
                && self.min_reputation_bps <= WHOLE_BPS
                && self.max_attempts <= MAX_ATTEMPTS
                && (1..=NODE_SLOTS).contains(&usize::from(self.max_parallel));
        require!(in_bounds, JobsError::TermsOutOfRange);
        Ok(())
    }
}
