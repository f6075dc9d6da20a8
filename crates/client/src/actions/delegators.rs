//! Instructions of delegators, and of the owners of the stakes that they delegate to. `owner` owns
//! the stake.

use solana_address::Address;

use crate::{
    pda, rewards::instructions as rewards, staking::instructions as staking,
    token::associated_address,
};

/// Opens the position of all delegations to the stake of `owner` in the reward pool; `payer` pays
/// its rent.
pub fn enter_delegated(payer: Address, owner: Address) -> rewards::EnterDelegated {
    let stake = pda::staking::stake(&owner);

    rewards::EnterDelegated { payer, stake, delegated_position: pda::rewards::position(&stake) }
}

/// Sets whether the stake accepts delegations, and at which commission. Requires that
/// [`enter_delegated`] was called once.
pub fn set_delegation(
    owner: Address,
    accepting: bool,
    commission_bps: u16,
) -> staking::SetDelegation {
    let stake = pda::staking::stake(&owner);
    let delegated_position = pda::rewards::position(&stake);

    staking::SetDelegation { owner, stake, delegated_position, accepting, commission_bps }
}

/// Opens an empty delegation.
pub fn open_delegation(delegator: Address, owner: Address) -> staking::OpenDelegation {
    let stake = pda::staking::stake(&owner);

    staking::OpenDelegation {
        delegator,
        stake,
        delegation: pda::staking::delegation(&stake, &delegator),
    }
}

/// The terms that a delegator accepts. The node's owner may change its own at any time, so both are
/// checked when the tokens move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DelegationLimits {
    /// Highest commission, in basis points.
    pub commission_bps: u16,
    /// Longest cooldown, in seconds.
    pub duration_seconds: u64,
}

/// Delegates `amount` base units from the delegator's associated token account, if the node's terms
/// are within `limits`.
pub fn delegate(
    delegator: Address,
    owner: Address,
    mint: Address,
    amount: u64,
    limits: DelegationLimits,
) -> staking::Delegate {
    let stake = pda::staking::stake(&owner);

    staking::Delegate {
        delegator,
        stake,
        delegation: pda::staking::delegation(&stake, &delegator),
        vault: pda::staking::vault(),
        source: associated_address(&delegator, &mint),
        delegated_position: pda::rewards::position(&stake),
        amount,
        max_commission_bps: limits.commission_bps,
        max_duration_seconds: limits.duration_seconds,
    }
}

/// Starts the cooldown of a delegation; `authority` is the delegator or the owner.
pub fn undelegate(authority: Address, delegator: Address, owner: Address) -> staking::Undelegate {
    let stake = pda::staking::stake(&owner);

    staking::Undelegate {
        authority,
        stake,
        delegation: pda::staking::delegation(&stake, &delegator),
        vault: pda::staking::vault(),
        delegated_position: pda::rewards::position(&stake),
    }
}

/// Starts the cooldown of a delegation a day later, without a call of the rewards program.
pub fn undelegate_unsettled(delegator: Address, owner: Address) -> staking::UndelegateUnsettled {
    let stake = pda::staking::stake(&owner);

    staking::UndelegateUnsettled {
        delegator,
        stake,
        delegation: pda::staking::delegation(&stake, &delegator),
    }
}

/// Pays the amount that the cooldown has released into the delegator's associated token account.
/// `authority` is the delegator, or anyone once the cooldown is over.
pub fn withdraw_delegated(
    authority: Address,
    delegator: Address,
    owner: Address,
    mint: Address,
) -> staking::WithdrawDelegated {
    let stake = pda::staking::stake(&owner);

    staking::WithdrawDelegated {
        authority,
        stake,
        delegation: pda::staking::delegation(&stake, &delegator),
        vault: pda::staking::vault(),
        destination: associated_address(&delegator, &mint),
    }
}

/// Pays the earnings of the delegation, less commission, into the delegator's associated token
/// account.
pub fn claim_delegated(
    delegator: Address,
    owner: Address,
    mint: Address,
) -> staking::ClaimDelegated {
    let stake = pda::staking::stake(&owner);

    staking::ClaimDelegated {
        stake,
        delegation: pda::staking::delegation(&stake, &delegator),
        vault: pda::staking::vault(),
        destination: associated_address(&delegator, &mint),
        delegated_position: pda::rewards::position(&stake),
    }
}

/// Settles the position of what is delegated to the owner's stake, and sets it to the current
/// weight of that.
pub fn sync_delegated(owner: Address) -> rewards::Sync {
    let stake = pda::staking::stake(&owner);

    rewards::Sync { position: pda::rewards::position(&stake), stake }
}

/// Pays the owner's commission into the owner's associated token account.
pub fn claim_commission(owner: Address, mint: Address) -> staking::ClaimCommission {
    staking::ClaimCommission {
        owner,
        stake: pda::staking::stake(&owner),
        vault: pda::staking::vault(),
        destination: associated_address(&owner, &mint),
    }
}

/// Closes an empty delegation; `authority` is the delegator or the owner.
pub fn close_delegation(
    authority: Address,
    delegator: Address,
    owner: Address,
) -> staking::CloseDelegation {
    let stake = pda::staking::stake(&owner);
    let delegation = pda::staking::delegation(&stake, &delegator);

    staking::CloseDelegation { authority, delegator, stake, delegation }
}
