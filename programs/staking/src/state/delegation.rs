use anchor_lang::prelude::*;
use nosana_protocol::{
    delegation,
    units::{Amount, BasisPoints},
};

/// What one owner delegated to one node. Seeds: `["delegation", stake, delegator]`.
///
/// The tokens lie in the vault of all stakes; what the shares are worth is told by the node's
/// stake.
#[account]
pub struct Delegation {
    /// Whose tokens they are.
    pub delegator: Address,
    /// The node's stake, to which they are delegated.
    pub stake: Address,
    /// The stake's index when this was last settled.
    pub paid_acc: PodU128,
    /// Shares of what is delegated to the stake.
    pub shares: u64,
    /// Base units earned, less commission, and not yet claimed.
    pub accrued: u64,
    /// Base units withdrawn in the cooldown.
    pub withdrawn: u64,
    /// Length of the cooldown.
    pub duration_seconds: u64,
    /// When the cooldown began, in unix seconds; zero before.
    pub undelegated_at: i64,
    /// The node's part of what is earned, as agreed with the last deposit.
    pub commission_bps: u16,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 4],
    /// For later fields.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Delegation>() == 192);

impl Delegation {
    /// Whether the cooldown has begun.
    pub const fn is_undelegated(&self) -> bool {
        self.undelegated_at != 0
    }

    /// The part of the account that the protocol works on.
    pub fn rules(&self) -> delegation::Delegation {
        delegation::Delegation {
            shares: self.shares,
            undelegated: self.is_undelegated(),
            withdrawn: Amount(self.withdrawn),
            paid_acc: self.paid_acc.get(),
            accrued: Amount(self.accrued),
            commission: BasisPoints(self.commission_bps),
        }
    }

    /// Stores what the protocol decided.
    pub fn store(&mut self, rules: &delegation::Delegation) {
        self.shares = rules.shares;
        self.withdrawn = rules.withdrawn.0;
        self.paid_acc = rules.paid_acc.into();
        self.accrued = rules.accrued.0;
        self.commission_bps = rules.commission.0;
    }
}
