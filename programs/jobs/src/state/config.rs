use anchor_lang::prelude::*;
use nosana_program_common::event::log_event;
use nosana_protocol::{
    policy::Policy,
    units::{Amount, BasisPoints, Seconds},
};

use crate::{
    errors::JobsError,
    events::{AuthoritiesChanged, PolicyChanged},
};

/// The configuration of the program. Seeds: `["config"]`.
#[account]
pub struct Config {
    /// May change the policy and name the guardian. Cannot move any user's tokens.
    pub admin: Address,
    /// The proposed next admin; zero if there is none.
    pub pending_admin: Address,
    /// May pause and unpause entry, never exit.
    pub guardian: Address,
    /// The mint of NOS: 6 decimals, no freeze authority.
    pub nos_mint: Address,
    /// The deposit for a market, in base units; returned when the market is closed.
    pub market_deposit: u64,
    /// The highest longest timeout that a market may have, in seconds.
    pub max_timeout_seconds: u64,
    /// The announced deposit; see `pending_from`.
    pub pending_market_deposit: u64,
    /// The announced highest timeout; see `pending_from`.
    pub pending_max_timeout_seconds: u64,
    /// Unix timestamp from which the announced policy can be applied; zero if none is announced.
    pub pending_from: i64,
    /// The network's fee on what nodes earn, for jobs listed from now on.
    pub network_fee_bps: u16,
    /// The announced fee; see `pending_from`.
    pub pending_network_fee_bps: u16,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Nonzero while entry is paused.
    pub paused: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 1],
    /// For later fields.
    pub reserved: [u8; 128],
}

const _: () = assert!(core::mem::size_of::<Config>() == 304);

impl Config {
    /// Fails while entry is paused.
    pub fn check_open(&self) -> Result<()> {
        require!(self.paused == 0, JobsError::Paused);
        Ok(())
    }

    /// Returns the policy in force.
    pub const fn current_policy(&self) -> Policy {
        Policy {
            fee: BasisPoints(self.network_fee_bps),
            market_deposit: Amount(self.market_deposit),
            max_timeout: Seconds(self.max_timeout_seconds),
        }
    }

    /// Returns the announced policy.
    pub const fn announced_policy(&self) -> Policy {
        Policy {
            fee: BasisPoints(self.pending_network_fee_bps),
            market_deposit: Amount(self.pending_market_deposit),
            max_timeout: Seconds(self.pending_max_timeout_seconds),
        }
    }

    /// Puts `policy` in force and clears the announced one.
    pub fn adopt_policy(&mut self, policy: &Policy) {
        self.network_fee_bps = policy.fee.0;
        self.market_deposit = policy.market_deposit.0;
        self.max_timeout_seconds = policy.max_timeout.0;

        self.announce_policy(
            &Policy { fee: BasisPoints(0), market_deposit: Amount(0), max_timeout: Seconds(0) },
            0,
        );
    }

    /// Announces `policy`, which can be applied from `from` on.
    pub fn announce_policy(&mut self, policy: &Policy, from: i64) {
        self.pending_network_fee_bps = policy.fee.0;
        self.pending_market_deposit = policy.market_deposit.0;
        self.pending_max_timeout_seconds = policy.max_timeout.0;
        self.pending_from = from;
    }

    /// Emits [`AuthoritiesChanged`].
    pub fn emit_authorities(&self) {
        log_event(AuthoritiesChanged {
            admin: self.admin,
            guardian: self.guardian,
            paused: self.paused.into(),
        });
    }

    /// Emits [`PolicyChanged`]: `policy` is announced for `from`, or is in force if `from` is zero.
    pub fn emit_policy(policy: &Policy, from: i64) {
        log_event(PolicyChanged {
            market_deposit: policy.market_deposit.0,
            max_timeout_seconds: policy.max_timeout.0,
            network_fee_bps: policy.fee.0.into(),
            from,
        });
    }
}
