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

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;

    /// What is inconsistent, and the change that makes it so.
    type Broken = (&'static str, fn(&mut Delegation));

    /// A stake of whose 50 shares 30 earn and 20 are in a cooldown.
    fn stake_with_shares() -> Stake {
        let mut stake = Stake::zeroed();
        stake.delegated_shares = 50;
        stake.delegated_earning = 30;
        stake
    }

    #[test]
    fn a_delegation_that_is_consistent_passes() {
        let mut delegation = Delegation::zeroed();
        delegation.shares = 30;
        delegation.commission_bps = WHOLE_BPS;
        assert!(delegation.invariant(&stake_with_shares()).is_ok(), "all shares that earn");

        delegation.shares = 20;
        delegation.withdrawn = 7;
        delegation.undelegated_at = 1;
        assert!(delegation.invariant(&stake_with_shares()).is_ok(), "all shares in a cooldown");
    }

    #[test]
    fn each_inconsistency_of_a_delegation_fails() {
        let broken: [Broken; 4] = [
            ("more shares than earn", |it| it.shares = 31),
            ("more shares than cool down", |it| {
                it.undelegated_at = 1;
                it.shares = 21;
            }),
            ("withdrawn before the cooldown", |it| it.withdrawn = 1),
            ("more commission than the whole", |it| it.commission_bps = 10_001),
        ];
        for (case, change) in broken {
            let mut delegation = Delegation::zeroed();
            change(&mut delegation);
            assert!(delegation.invariant(&stake_with_shares()).is_err(), "{case}");
        }
    }
}
