//! What positions and delegations have earned at a moment, by the protocol's rules: what a claim
//! would pay.

use nosana_protocol::{
    Overflow,
    delegation::{self, Delegated},
    rewards::{self, Index},
    units::{Amount, BasisPoints, UnixTimestamp},
};

use crate::{
    rewards::accounts::{Pool, Position},
    staking::accounts::{Delegation, Stake},
};

/// The pool as the protocol works on it, brought up to `now`.
fn pool_at(pool: &Pool, now: UnixTimestamp) -> Result<rewards::Pool, Overflow> {
    let mut pool = rewards::Pool {
        index: Index { acc: pool.acc, remainder: pool.remainder },
        total_weight: pool.total_weight,
        updated: UnixTimestamp(pool.updated),
        pending: Amount(pool.pending),
        stream: Amount(pool.stream),
        epoch_seconds: pool.epoch_seconds,
    };
    pool.advance(now)?;
    Ok(pool)
}

/// Base units that `claim` would pay to the owner of `position` at `now`.
pub fn claimable(pool: &Pool, position: &Position, now: UnixTimestamp) -> Result<u64, Overflow> {
    let mut position = rewards::Position {
        weight: position.weight,
        paid_acc: position.paid_acc,
        accrued: Amount(position.accrued),
    };
    position.settle(pool_at(pool, now)?.index.acc)?;
    Ok(position.accrued.0)
}

/// What is delegated to `stake`, with all that its `position` in the pool has earned until `now`
/// spread over it.
fn delegated_at(
    pool: &Pool,
    position: &Position,
    stake: &Stake,
    now: UnixTimestamp,
) -> Result<Delegated, Overflow> {
    let mut delegated = Delegated {
        amount: Amount(stake.delegated),
        shares: stake.delegated_shares,
        earning: stake.delegated_earning,
        index: Index { acc: stake.delegated_acc, remainder: stake.delegated_remainder },
        commission: Amount(stake.commission_owed),
    };
    let earning = delegated.earning;
    delegated.receive(Amount(claimable(pool, position, now)?), earning)?;
    Ok(delegated)
}

/// What a delegation is worth and has earned, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backing {
    /// What its shares are worth.
    pub worth: u64,
    /// What `claim_delegated` would pay.
    pub claimable: u64,
}

/// What `delegation` to `stake` is worth and has earned at `now`; `position` is that of all
/// delegations to the stake.
pub fn backing(
    pool: &Pool,
    position: &Position,
    stake: &Stake,
    delegation: &Delegation,
    now: UnixTimestamp,
) -> Result<Backing, Overflow> {
    let mut delegated = delegated_at(pool, position, stake, now)?;
    let mut one = delegation::Delegation {
        shares: delegation.shares,
        undelegated: delegation.undelegated_at != 0,
        withdrawn: Amount(delegation.withdrawn),
        paid_acc: delegation.paid_acc,
        accrued: Amount(delegation.accrued),
        commission: BasisPoints(delegation.commission_bps),
    };
    delegated.settle(&mut one)?;
    Ok(Backing { worth: delegated.value(delegation.shares)?.0, claimable: one.accrued.0 })
}
