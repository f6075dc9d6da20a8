//! Events of the staking program. Amounts are base units of NOS, times unix seconds.

use anchor_lang::prelude::*;

/// A stake was opened.
#[event(bytemuck)]
pub struct Staked {
    pub owner: Address,
    pub amount: u64,
    pub duration_seconds: u64,
    pub xnos: u64,
}

/// A cooldown began.
#[event(bytemuck)]
pub struct Unstaked {
    pub owner: Address,
    pub amount: u64,
    pub unstaked_at: i64,
    pub released_at: i64,
}

/// Released tokens left the vault.
#[event(bytemuck)]
pub struct Withdrawn {
    pub owner: Address,
    pub amount: u64,
    pub remaining: u64,
}

/// An empty stake was closed.
#[event(bytemuck)]
pub struct StakeClosed {
    pub owner: Address,
}

/// The locked collateral of a stake changed.
#[event(bytemuck)]
pub struct CollateralChanged {
    pub owner: Address,
    pub locked_before: u64,
    pub locked_after: u64,
}

/// Locked collateral was slashed.
#[event(bytemuck)]
pub struct Slashed {
    pub owner: Address,
    pub amount: u64,
    pub remaining: u64,
    /// The jobs program's reason for it.
    pub reason: u64,
    /// Taken in addition from what is delegated to the stake.
    pub delegated: u64,
    /// Paid to the reporter of the fault, out of `amount`.
    pub reporter: u64,
    /// Burnt: the rest, so that `amount + delegated = reporter + burned`.
    pub burned: u64,
}

/// Tokens, or what its position had earned, were added to a stake.
#[event(bytemuck)]
pub struct ToppedUp {
    pub owner: Address,
    pub added: u64,
    pub amount: u64,
    pub xnos: u64,
}

/// The cooldown of a stake was lengthened.
#[event(bytemuck)]
pub struct Extended {
    pub owner: Address,
    pub duration_seconds: u64,
    pub xnos: u64,
}

/// A cooldown was cancelled: what was still in the vault is staked again.
#[event(bytemuck)]
pub struct Restaked {
    pub owner: Address,
    pub amount: u64,
    pub xnos: u64,
}

/// The admin or the guardian changed, or entry was paused or unpaused.
#[event(bytemuck)]
pub struct AuthoritiesChanged {
    pub admin: Address,
    pub guardian: Address,
    pub paused: u64,
}

/// A policy was announced, or, if `effective_at` is zero, put in force.
#[event(bytemuck)]
pub struct PolicyChanged {
    pub min_stake: u64,
    pub reporter_bps: u64,
    pub effective_at: i64,
}

/// The owner of a stake set its terms for delegations.
#[event(bytemuck)]
pub struct DelegationOffered {
    pub owner: Address,
    /// Zero if the stake accepts none.
    pub accepting: u64,
    pub commission_bps: u64,
    pub duration_seconds: u64,
}

/// Tokens were delegated.
#[event(bytemuck)]
pub struct Delegated {
    pub delegator: Address,
    pub stake: Address,
    pub amount: u64,
    /// Shares bought with them.
    pub shares: u64,
    /// The total that is delegated to the stake.
    pub delegated: u64,
    /// The weight of what is delegated and not in a cooldown.
    pub delegated_xnos: u64,
}

/// The cooldown of a delegation began.
#[event(bytemuck)]
pub struct Undelegated {
    pub delegator: Address,
    pub stake: Address,
    /// What the delegation is worth at that time.
    pub amount: u64,
    pub undelegated_at: i64,
    pub released_at: i64,
}

/// Released tokens of a delegation left the vault.
#[event(bytemuck)]
pub struct DelegationWithdrawn {
    pub delegator: Address,
    pub stake: Address,
    pub amount: u64,
    /// What the remaining shares are worth.
    pub remaining: u64,
}

/// Earnings of a delegation were paid.
#[event(bytemuck)]
pub struct DelegationClaimed {
    pub delegator: Address,
    pub stake: Address,
    pub amount: u64,
}

/// The commission of a stake was paid to its owner.
#[event(bytemuck)]
pub struct CommissionClaimed {
    pub owner: Address,
    pub amount: u64,
}

/// A delegation was closed.
#[event(bytemuck)]
pub struct DelegationClosed {
    pub delegator: Address,
    pub stake: Address,
}
