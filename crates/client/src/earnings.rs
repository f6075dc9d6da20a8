//! What positions and delegations have earned at a given time, by the protocol's rules: the amounts
//! that a claim would pay.

use nosana_protocol::{
    Overflow,
    delegation::{self, Delegated},
    rewards::{self, Index, StakeWeight},
    units::{Amount, BasisPoints, UnixTimestamp},
};

use crate::{
    rewards::accounts::{Pool, Position},
    staking::accounts::{Delegation, Stake},
};

/// Converts the pool to the protocol's type, and advances it to `now`.
fn advance_pool(pool: &Pool, now: UnixTimestamp) -> Result<rewards::Pool, Overflow> {
    let mut pool = rewards::Pool {
        index: Index { acc: pool.acc, remainder: pool.remainder },
        total_weight: pool.total_weight,
        updated: UnixTimestamp(pool.updated),
        pending: Amount(pool.pending),
        stream: Amount(pool.stream),
        epoch_seconds: pool.epoch_seconds,
    };
    pool.advance_to(now)?;

    Ok(pool)
}

/// Returns the weight that `stake` gives its `position`; zero if there is no stake. The position has
/// more if the stake was left without settling it, until anyone calls `sync`.
pub fn position_weight(position: &Position, stake: Option<&Stake>) -> u64 {
    let is_delegated = position.owner == position.stake;

    stake.map_or(0, |stake| if is_delegated { stake.delegated_xnos } else { stake.xnos })
}

/// Returns the base units that `claim` would pay to the owner of `position` at `now`. `stake` is the
/// one that the position names, if it exists: if it was left without settling the position, less is
/// paid.
///
/// # Errors
/// [`Overflow`] if the amounts overflow.
pub fn compute_claimable(
    pool: &Pool,
    position: &Position,
    stake: Option<&Stake>,
    now: UnixTimestamp,
) -> Result<u64, Overflow> {
    let weight = StakeWeight::unchanged(position_weight(position, stake));
    let mut position = rewards::Position {
        weight: position.weight,
        paid_acc: position.paid_acc,
        accrued: Amount(position.accrued),
    };
    advance_pool(pool, now)?.settle_position(&mut position, weight)?;

    Ok(position.accrued.0)
}

/// Converts the delegations to `stake` to the protocol's type, and distributes to them what their
/// `position` in the pool has earned until `now`.
fn distribute_earnings(
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
    let income = compute_claimable(pool, position, Some(stake), now)?;
    delegated.receive_income(Amount(income), earning)?;

    Ok(delegated)
}

/// What a delegation is worth and has earned, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DelegationValue {
    /// The worth of its shares.
    pub worth: u64,
    /// The amount that `claim_delegated` would pay.
    pub claimable: u64,
}

/// Returns what `delegation` to `stake` is worth and has earned at `now`; `position` is the one
/// that all delegations to the stake share.
///
/// # Errors
/// [`Overflow`] if the amounts overflow.
pub fn value_delegation(
    pool: &Pool,
    position: &Position,
    stake: &Stake,
    delegation: &Delegation,
    now: UnixTimestamp,
) -> Result<DelegationValue, Overflow> {
    let mut delegated = distribute_earnings(pool, position, stake, now)?;
    let mut settled = delegation::Delegation {
        shares: delegation.shares,
        undelegated: delegation.undelegated_at != 0,
        withdrawn: Amount(delegation.withdrawn),
        paid_acc: delegation.paid_acc,
        accrued: Amount(delegation.accrued),
        commission: BasisPoints(delegation.commission_bps),
    };
    delegated.settle_delegation(&mut settled)?;

    Ok(DelegationValue {
        worth: delegated.value_of(delegation.shares)?.0,
        claimable: settled.accrued.0,
    })
}
