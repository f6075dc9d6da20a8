use anchor_lang::prelude::*;
use nosana_protocol::{
    policy::StakingPolicy,
    seeds,
    units::{Amount, BasisPoints},
};

use crate::{errors::StakingError, events::PolicyChanged};

/// The one configuration of the program, and the authority of its vault. Seeds: `["config"]`.
#[account]
pub struct Config {
    /// Names the next admin and the guardian. Touches nobody's stake.
    pub admin: Address,
    /// Who was proposed as the next admin; zero if nobody.
    pub pending_admin: Address,
    /// May pause entry, never exit.
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
    /// Keeps the layout free of padding.
    pub padding: [u8; 5],
    /// The smallest stake and the smallest delegation, in base units.
    pub min_stake: u64,
    /// What was announced for [`Self::min_stake`].
    pub pending_min_stake: u64,
    /// From when on the announced policy may be applied, in unix seconds; zero if none is.
    pub pending_from: i64,
    /// The share of a node's penalty that who proved the fault gets.
    pub reporter_bps: u16,
    /// What was announced for [`Self::reporter_bps`].
    pub pending_reporter_bps: u16,
    /// Keeps the layout free of padding.
    pub padding_after_bps: [u8; 4],
    /// For later fields.
    pub reserved: [u8; 96],
}

const _: () = assert!(core::mem::size_of::<Config>() == 296);

impl Config {
    /// Fails while entry is paused.
    pub fn check_open(&self) -> Result<()> {
        require!(self.paused == 0, StakingError::Paused);
        Ok(())
    }

    /// What is in force.
    pub const fn policy(&self) -> StakingPolicy {
        StakingPolicy {
            min_stake: Amount(self.min_stake),
            reporter_share: BasisPoints(self.reporter_bps),
        }
    }

    /// What was announced.
    pub const fn announced(&self) -> StakingPolicy {
        StakingPolicy {
            min_stake: Amount(self.pending_min_stake),
            reporter_share: BasisPoints(self.pending_reporter_bps),
        }
    }

    /// Puts `policy` in force. What was announced before is off the table.
    pub fn adopt(&mut self, policy: &StakingPolicy) {
        self.min_stake = policy.min_stake.0;
        self.reporter_bps = policy.reporter_share.0;
        self.pending_from = 0;
    }

    /// Announces `policy` for the moment `from`.
    pub fn announce(&mut self, policy: &StakingPolicy, from: i64) {
        self.pending_min_stake = policy.min_stake.0;
        self.pending_reporter_bps = policy.reporter_share.0;
        self.pending_from = from;
    }

    /// Tells the world of `policy`; `from` is zero if it is in force.
    pub fn emit_policy(policy: &StakingPolicy, from: i64) {
        emit!(PolicyChanged {
            min_stake: policy.min_stake.0,
            reporter_bps: policy.reporter_share.0.into(),
            effective_at: from,
        });
    }

    /// Seeds by which the configuration signs for the vault.
    pub const fn signer_seeds(bump: &[u8; 1]) -> [&[u8]; 2] {
        [seeds::CONFIG, bump]
    }
}
