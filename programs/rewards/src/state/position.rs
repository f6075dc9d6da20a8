use anchor_lang::prelude::*;
use nosana_protocol::{rewards, units::Amount};

use super::Pool;
use crate::errors::RewardsError;

/// One staker's share of the pool, or that of all delegations to one node. Seeds:
/// `["position", owner]`.
#[account]
pub struct Position {
    /// The address that may claim. For delegations it is the node's stake, for which the staking
    /// program signs.
    pub owner: Address,
    /// The stake whose weight this position has: `["stake", owner]` of the staking program, or, for
    /// delegations, the owner itself.
    pub stake: Address,
    /// See [`rewards::Position::paid_acc`].
    pub paid_acc: PodU128,
    /// The stake's xNOS, or the xNOS delegated to it, at the last settlement.
    pub weight: u64,
    /// Base units earned and not claimed yet.
    pub accrued: u64,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Explicit padding, so that the layout has no hidden bytes.
    pub padding: [u8; 6],
    /// Reserved for later fields.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Position>() == 168);

impl Position {
    /// Returns the position as the protocol computes with it.
    pub fn to_protocol(&self) -> rewards::Position {
        rewards::Position {
            weight: self.weight,
            paid_acc: self.paid_acc.get(),
            accrued: Amount(self.accrued),
        }
    }

    /// Stores the position that the protocol computed.
    pub fn store_protocol(&mut self, position: &rewards::Position) {
        self.weight = position.weight;
        self.paid_acc = position.paid_acc.into();
        self.accrued = position.accrued.0;
    }

    /// Fails unless the stored state is consistent with `pool`: the weight is part of the pool's
    /// total. Otherwise the position would earn more than the pool pays out.
    pub fn invariant(&self, pool: &Pool) -> Result<()> {
        require!(self.weight <= pool.total_weight, RewardsError::InvariantViolated);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;

    #[test]
    fn a_weight_is_part_of_the_total() {
        let mut pool = Pool::zeroed();
        pool.total_weight = 10;
        let mut position = Position::zeroed();
        position.weight = 10;
        assert!(position.invariant(&pool).is_ok());

        position.weight = 11;
        assert!(position.invariant(&pool).is_err());
    }
}
