use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;
use nosana_protocol::{
    rewards::{self, Index},
    seeds,
    units::{Amount, UnixTimestamp},
};

use crate::{
    constants::{MAX_EPOCH_SECONDS, MIN_EPOCH_SECONDS},
    errors::{RewardsError, overflow_error},
    events::{AuthoritiesChanged, IncomeReturned},
};

/// The reward pool, and the authority of its vault. Seeds: `["pool"]`.
#[account]
pub struct Pool {
    /// May propose the next admin and name the guardian. Cannot touch rewards.
    pub admin: Address,
    /// The proposed next admin; zero if none.
    pub pending_admin: Address,
    /// May pause and unpause entry, never exit.
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
    /// The time up to which the pool has paid out, in unix seconds.
    pub updated: i64,
    /// Base units that wait for the next epoch.
    pub pending: u64,
    /// Base units paid out over the epoch that contains `updated`.
    pub stream: u64,
    /// Length of an epoch, in seconds.
    pub epoch_seconds: u64,
    /// Base units in the vault that the pool has counted: income that no position has been paid,
    /// and what streams hold. What lies in the vault above that has arrived since.
    pub accounted: u64,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Not zero while entry is paused.
    pub paused: u8,
    /// Explicit padding, so that the layout has no hidden bytes.
    pub padding: [u8; 5],
    /// Reserved for later fields.
    pub reserved: [u8; 120],
}

const _: () = assert!(core::mem::size_of::<Pool>() == 360);

impl Pool {
    /// Fails while entry is paused.
    pub fn check_open(&self) -> Result<()> {
        require!(self.paused == 0, RewardsError::Paused);
        Ok(())
    }

    /// Returns the seeds with which the pool signs for its vault.
    pub const fn signer_seeds(bump: &[u8; 1]) -> [&[u8]; 2] {
        [seeds::POOL, bump]
    }

    /// Returns the pool as the protocol computes with it, brought up to `now`.
    pub fn to_protocol_at(&self, now: i64) -> Result<rewards::Pool> {
        let mut pool = rewards::Pool {
            index: Index { acc: self.acc.get(), remainder: self.remainder },
            total_weight: self.total_weight,
            updated: UnixTimestamp(self.updated),
            pending: Amount(self.pending),
            stream: Amount(self.stream),
            epoch_seconds: self.epoch_seconds,
        };
        pool.advance_to(UnixTimestamp(now)).map_err(overflow_error)?;
        Ok(pool)
    }

    /// Stores the pool that the protocol computed.
    pub fn store_protocol(&mut self, pool: &rewards::Pool) {
        self.acc = pool.index.acc.into();
        self.remainder = pool.index.remainder;
        self.total_weight = pool.total_weight;
        self.updated = pool.updated.0;
        self.pending = pool.pending.0;
        self.stream = pool.stream.0;
    }

    /// Counts `amount` base units that arrive in the vault.
    pub fn add_accounted(&mut self, amount: u64) -> Result<()> {
        self.accounted = self.accounted.checked_add(amount).ok_or(RewardsError::Overflow)?;
        Ok(())
    }

    /// Counts `amount` base units that leave the vault.
    pub fn take_accounted(&mut self, amount: u64) -> Result<()> {
        self.accounted = self.accounted.checked_sub(amount).ok_or(RewardsError::Overflow)?;
        Ok(())
    }

    /// Fails unless the stored state is consistent: an epoch's length is within its bounds. Every
    /// handler that changes what the pool pays calls it afterwards; pausing does not, because it
    /// must always be possible. The total weight is checked with each position; see
    /// [`Position::invariant`](super::Position::invariant).
    pub fn invariant(&self) -> Result<()> {
        require!(
            (MIN_EPOCH_SECONDS..=MAX_EPOCH_SECONDS).contains(&self.epoch_seconds),
            RewardsError::InvariantViolated
        );
        Ok(())
    }

    /// Emits [`IncomeReturned`] if the position of `owner` returned more than nothing, which the
    /// stored pool contains.
    pub fn emit_returned(&self, owner: &Address, returned: Amount) {
        if returned > Amount::ZERO {
            log_event(IncomeReturned { owner: *owner, amount: returned.0, pending: self.pending });
        }
    }

    /// Emits [`AuthoritiesChanged`] with the stored values.
    pub fn emit_authorities(&self) {
        log_event(AuthoritiesChanged {
            admin: self.admin,
            guardian: self.guardian,
            paused: self.paused.into(),
        });
    }
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;

    #[test]
    fn the_length_of_an_epoch_has_bounds() {
        let is_sound = |epoch_seconds| {
            let mut pool = Pool::zeroed();
            pool.epoch_seconds = epoch_seconds;
            pool.invariant().is_ok()
        };
        assert!(is_sound(MIN_EPOCH_SECONDS) && is_sound(MAX_EPOCH_SECONDS));
        assert!(!is_sound(59) && !is_sound(2_592_001));
    }
}
