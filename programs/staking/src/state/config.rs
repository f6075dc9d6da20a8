use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;
use nosana_protocol::{
    policy::StakingPolicy,
    seeds,
    units::{Amount, BasisPoints},
};

use crate::{
    errors::StakingError,
    events::{AuthoritiesChanged, PolicyChanged},
};

/// The program's only configuration, and the authority of its vault. Seeds: `["config"]`.
#[account]
pub struct Config {
    /// May change the policy, propose the next admin and name the guardian. Cannot touch stakes.
    pub admin: Address,
    /// The proposed next admin; zero if none.
    pub pending_admin: Address,
    /// May pause and unpause entry, never exit.
    pub guardian: Address,
    /// The mint of NOS.
    pub nos_mint: Address,
    /// The token account that holds all stakes.
    pub vault: Address,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Not zero while entry is paused.
    pub paused: u8,
    /// Explicit padding, so that the layout has no hidden bytes.
    pub padding: [u8; 5],
    /// The smallest stake and the smallest delegation, in base units.
    pub min_stake: u64,
    /// The announced value of [`Self::min_stake`].
    pub pending_min_stake: u64,
    /// When the announced policy may first be applied, in unix seconds; zero if none is announced.
    pub pending_from: i64,
    /// Share of a node's penalty that the reporter of the fault gets, in basis points.
    pub reporter_bps: u16,
    /// The announced value of [`Self::reporter_bps`].
    pub pending_reporter_bps: u16,
    /// Explicit padding, so that the layout has no hidden bytes.
    pub padding_after_bps: [u8; 4],
    /// Reserved for later fields.
    pub reserved: [u8; 96],
}

const _: () = assert!(core::mem::size_of::<Config>() == 296);

impl Config {
    /// Fails while entry is paused.
    pub fn check_open(&self) -> Result<()> {
        require!(self.paused == 0, StakingError::Paused);
        Ok(())
    }

    /// Returns the policy in force.
    pub const fn current_policy(&self) -> StakingPolicy {
        StakingPolicy {
            min_stake: Amount(self.min_stake),
            reporter_share: BasisPoints(self.reporter_bps),
        }
    }

    /// Returns the announced policy.
    pub const fn announced_policy(&self) -> StakingPolicy {
        StakingPolicy {
            min_stake: Amount(self.pending_min_stake),
            reporter_share: BasisPoints(self.pending_reporter_bps),
        }
    }

    /// Puts `policy` in force and withdraws any announcement.
    pub fn adopt_policy(&mut self, policy: &StakingPolicy) {
        self.min_stake = policy.min_stake.0;
        self.reporter_bps = policy.reporter_share.0;
        self.pending_from = 0;
    }

    /// Announces `policy`, which may be applied from `from` on.
    pub fn announce_policy(&mut self, policy: &StakingPolicy, from: i64) {
        self.pending_min_stake = policy.min_stake.0;
        self.pending_reporter_bps = policy.reporter_share.0;
        self.pending_from = from;
    }

    /// Emits [`AuthoritiesChanged`] with the stored values.
    pub fn emit_authorities(&self) {
        log_event(AuthoritiesChanged {
            admin: self.admin,
            guardian: self.guardian,
            paused: self.paused.into(),
        });
    }

    /// Emits [`PolicyChanged`] for `policy`; `from` is zero if it is in force.
    pub fn emit_policy(policy: &StakingPolicy, from: i64) {
        log_event(PolicyChanged {
            min_stake: policy.min_stake.0,
            reporter_bps: policy.reporter_share.0.into(),
            effective_at: from,
        });
    }

    /// Returns the seeds with which the configuration signs for the vault.
    pub const fn signer_seeds(bump: &[u8; 1]) -> [&[u8]; 2] {
        [seeds::CONFIG, bump]
    }
}
