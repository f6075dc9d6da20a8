use anchor_lang::prelude::*;
use nosana_protocol::{
    rewards::{self, Index},
    seeds,
    units::{Amount, UnixTimestamp},
};

use crate::errors::RewardsError;

/// The reward pool, and the authority of its vault. Seeds: `["pool"]`.
#[account]
pub struct Pool {
    /// Names the next admin and the guardian. Touches nobody's rewards.
    pub admin: Address,
    /// Who was proposed as the next admin; zero if nobody.
    pub pending_admin: Address,
    /// May pause entry, never exit.
    pub guardian: Address,
    /// The mint of NOS.
    pub nos_mint: Address,
    /// The token account that holds all income.
    pub vault: Address,
    /// See [`Index::acc`].
    pub acc: PodU128,
    /// See [`Index::remainder`].
    pub remainder: u64,
    /// The sum of all positions' weights.
    pub total_weight: u64,
    /// Until when the pool is up to date, in unix seconds.
    pub updated: i64,
    /// Base units that wait for the next epoch.
    pub pending: u64,
    /// Base units paid out over the epoch that holds `updated`.
    pub stream: u64,
    /// Length of an epoch.
    pub epoch_seconds: u64,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Not zero while entry is paused.
    pub paused: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 5],
    /// For later fields.
    pub reserved: [u8; 128],
}

const _: () = assert!(core::mem::size_of::<Pool>() == 360);

impl Pool {
    /// Fails while entry is paused.
    pub fn check_open(&self) -> Result<()> {
        require!(self.paused == 0, RewardsError::Paused);
        Ok(())
    }

    /// Seeds by which the pool signs for its vault.
    pub const fn signer_seeds(bump: &[u8; 1]) -> [&[u8]; 2] {
        [seeds::POOL, bump]
    }

    /// The part of the account that the protocol works on.
    pub fn rules(&self) -> rewards::Pool {
        rewards::Pool {
            index: Index { acc: self.acc.get(), remainder: self.remainder },
            total_weight: self.total_weight,
            updated: UnixTimestamp(self.updated),
            pending: Amount(self.pending),
            stream: Amount(self.stream),
            epoch_seconds: self.epoch_seconds,
        }
    }

    /// Stores what the protocol decided.
    pub fn store(&mut self, rules: &rewards::Pool) {
        self.acc = rules.index.acc.into();
        self.remainder = rules.index.remainder;
        self.total_weight = rules.total_weight;
        self.updated = rules.updated.0;
        self.pending = rules.pending.0;
        self.stream = rules.stream.0;
    }
}
