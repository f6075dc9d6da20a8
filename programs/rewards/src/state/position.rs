use anchor_lang::prelude::*;
use nosana_protocol::{rewards, units::Amount};

/// One staker's share of the pool, or that of all who delegated to one node. Seeds: `["position",
/// owner]`.
#[account]
pub struct Position {
    /// Who may claim. For what was delegated it is the node's stake, which the staking program
    /// signs for.
    pub owner: Address,
    /// The stake whose weight this position has: `["stake", owner]` of the staking program, or the
    /// owner itself.
    pub stake: Address,
    /// See [`rewards::Position::paid_acc`].
    pub paid_acc: PodU128,
    /// The stake's xNOS, or those delegated to it, when the position was last settled.
    pub weight: u64,
    /// Base units earned and not yet claimed.
    pub accrued: u64,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 6],
    /// For later fields.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Position>() == 168);

impl Position {
    /// The part of the account that the protocol works on.
    pub fn rules(&self) -> rewards::Position {
        rewards::Position {
            weight: self.weight,
            paid_acc: self.paid_acc.get(),
            accrued: Amount(self.accrued),
        }
    }

    /// Stores what the protocol decided.
    pub fn store(&mut self, rules: &rewards::Position) {
        self.weight = rules.weight;
        self.paid_acc = rules.paid_acc.into();
        self.accrued = rules.accrued.0;
    }
}
