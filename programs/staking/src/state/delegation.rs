use anchor_lang::prelude::*;
use nosana_protocol::{
    delegation,
    units::{Amount, BasisPoints, WHOLE_BPS},
};

use super::Stake;
use crate::errors::StakingError;

/// What one owner delegated to one node. Seeds: `["delegation", stake, delegator]`.
///
/// The tokens are in the vault of all stakes; the node's stake determines what the shares are
/// worth.
#[account]
pub struct Delegation {
    /// The wallet that owns the delegated tokens.
    pub delegator: Address,
    /// The node's stake, to which they are delegated.
    pub stake: Address,
    /// The stake's `delegated_acc` at the last settlement of this delegation.
    pub paid_acc: PodU128,
    /// Shares of the total that is delegated to the stake.
    pub shares: u64,
    /// Base units earned, less commission, and not claimed yet.
    pub accrued: u64,
    /// Base units withdrawn in the cooldown.
    pub withdrawn: u64,
    /// Length of the cooldown, in seconds.
    pub duration_seconds: u64,
    /// Start of the cooldown, in unix seconds; zero before.
    pub undelegated_at: i64,
    /// The node's share of what is earned, in basis points, as agreed with the last deposit.
    pub commission_bps: u16,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Explicit padding, so that the layout has no hidden bytes.
    pub padding: [u8; 4],
    /// Reserved for later fields.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Delegation>() == 192);

impl Delegation {
    /// Returns whether the cooldown has begun.
    pub const fn is_undelegated(&self) -> bool {
        self.undelegated_at != 0
    }

    /// Returns the delegation as the protocol computes with it.
    pub fn to_protocol(&self) -> delegation::Delegation {
        delegation::Delegation {
            shares: self.shares,
            undelegated: self.is_undelegated(),
            withdrawn: Amount(self.withdrawn),
            paid_acc: self.paid_acc.get(),
            accrued: Amount(self.accrued),
            commission: BasisPoints(self.commission_bps),
        }
    }

    /// Stores the delegation that the protocol computed.
    pub fn store_protocol(&mut self, delegation: &delegation::Delegation) {
        self.shares = delegation.shares;
        self.withdrawn = delegation.withdrawn.0;
        self.paid_acc = delegation.paid_acc.into();
        self.accrued = delegation.accrued.0;
        self.commission_bps = delegation.commission.0;
    }

    /// Fails unless the stored state is consistent with the node's `stake`. It must be after every
    /// instruction:
    /// - the shares are among the stake's: those that earn, or those in a cooldown
    /// - nothing is withdrawn before the cooldown
    /// - the commission is at most the whole
    pub fn invariant(&self, stake: &Stake) -> Result<()> {
        let available = if self.is_undelegated() {
            stake.delegated_shares.saturating_sub(stake.delegated_earning)
        } else {
            stake.delegated_earning
        };
        let fits_cooldown = self.is_undelegated() || self.withdrawn == 0;
        require!(
            self.shares <= available && fits_cooldown && self.commission_bps <= WHOLE_BPS,
            StakingError::InvariantViolated
        );
        Ok(())
    }
}
