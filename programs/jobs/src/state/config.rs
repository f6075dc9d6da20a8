use anchor_lang::prelude::*;
use nosana_protocol::{
    policy::Policy,
    units::{Amount, BasisPoints, Seconds},
};

use crate::{
    errors::JobsError,
    events::{AuthoritiesChanged, PolicyChanged},
};

/// The one configuration of the program. Seeds: `["config"]`.
#[account]
pub struct Config {
    /// May change the policy and name the guardian. Touches no user's money.
    pub admin: Address,
    /// Who was proposed as the next admin; zero if nobody.
    pub pending_admin: Address,
    /// May pause and unpause entry, never exit.
    pub guardian: Address,
    /// The mint of NOS: 6 decimals, and nobody can freeze it.
    pub nos_mint: Address,
    /// What opening a market costs until it is closed, in base units.
    pub market_deposit: u64,
    /// The longest timeout that a market may allow.
    pub max_timeout_seconds: u64,
    /// The announced deposit; see `pending_from`.
    pub pending_market_deposit: u64,
    /// The announced longest timeout; see `pending_from`.
    pub pending_max_timeout_seconds: u64,
    /// When what was announced may be applied, in unix seconds; zero if nothing was.
    pub pending_from: i64,
    /// The network's fee on what nodes earn, for jobs listed from now on.
    pub network_fee_bps: u16,
    /// The announced fee; see `pending_from`.
    pub pending_network_fee_bps: u16,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Not zero while entry is paused.
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

    /// The policy of now.
    pub const fn policy(&self) -> Policy {
        Policy {
            fee: BasisPoints(self.network_fee_bps),
            market_deposit: Amount(self.market_deposit),
            max_timeout: Seconds(self.max_timeout_seconds),
        }
    }

    /// The policy that was announced.
    pub const fn announced(&self) -> Policy {
        Policy {
            fee: BasisPoints(self.pending_network_fee_bps),
            market_deposit: Amount(self.pending_market_deposit),
            max_timeout: Seconds(self.pending_max_timeout_seconds),
        }
    }

    /// Puts `policy` into force; what was announced before is forgotten.
    pub fn adopt(&mut self, policy: &Policy) {
        self.network_fee_bps = policy.fee.0;
        self.market_deposit = policy.market_deposit.0;
        self.max_timeout_seconds = policy.max_timeout.0;
        self.announce(
            &Policy { fee: BasisPoints(0), market_deposit: Amount(0), max_timeout: Seconds(0) },
            0,
        );
    }

    /// Announces `policy`, to be applied from `from` on.
    pub fn announce(&mut self, policy: &Policy, from: i64) {
        self.pending_network_fee_bps = policy.fee.0;
        self.pending_market_deposit = policy.market_deposit.0;
        self.pending_max_timeout_seconds = policy.max_timeout.0;
        self.pending_from = from;
    }

    /// Tells who may do what.
    pub fn emit_authorities(&self) {
        emit!(AuthoritiesChanged {
            admin: self.admin,
            guardian: self.guardian,
            paused: self.paused.into()
        });
    }

    /// Tells that `policy` is in force, or will be from `from` on.
    pub fn emit_policy(policy: &Policy, from: i64) {
        emit!(PolicyChanged {
            market_deposit: policy.market_deposit.0,
            max_timeout_seconds: policy.max_timeout.0,
            network_fee_bps: policy.fee.0.into(),
            from,
        });
    }
}
