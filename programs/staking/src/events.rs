//! What the staking program tells the world. Amounts are base units of NOS, times unix seconds.

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

/// Locked collateral was taken.
#[event(bytemuck)]
pub struct Slashed {
    pub owner: Address,
    pub amount: u64,
    pub remaining: u64,
    /// The jobs program's reason.
    pub reason: u64,
    /// Taken beside that from those who delegated to the stake.
    pub delegated: u64,
    /// Paid to who proved the fault, out of both.
    pub reporter: u64,
}

/// A stake grew, by tokens or by what its position had earned.
#[event(bytemuck)]
pub struct ToppedUp {
    pub owner: Address,
    pub added: u64,
    pub amount: u64,
    pub xnos: u64,
}

/// A stake has a longer cooldown.
#[event(bytemuck)]
pub struct Extended {
    pub owner: Address,
    pub duration_seconds: u64,
    pub xnos: u64,
}

/// A cooldown was broken off: what was still in the vault is staked again.
#[event(bytemuck)]
pub struct Restaked {
    pub owner: Address,
    pub amount: u64,
    pub xnos: u64,
}

/// Someone else is admin or guardian now, or entry was paused or unpaused.
#[event(bytemuck)]
pub struct AuthoritiesChanged {
    pub admin: Address,
    pub guardian: Address,
    pub paused: u64,
}

/// A policy was announced, or, with a zero `effective_at`, is in force.
#[event(bytemuck)]
pub struct PolicyChanged {
    pub min_stake: u64,
    pub reporter_bps: u64,
    pub effective_at: i64,
}

/// The owner of a stake set its terms for new delegations.
#[event(bytemuck)]
pub struct DelegationOffered {
    pub owner: Address,
    /// Zero if none are accepted.
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
    /// The shares that they bought.
    pub shares: u64,
    /// All that is delegated to the stake by now.
    pub delegated: u64,
    /// The weight of what is delegated and not in a cooldown.
    pub delegated_xnos: u64,
}

/// The cooldown of a delegation began.
#[event(bytemuck)]
pub struct Undelegated {
    pub delegator: Address,
    pub stake: Address,
    /// What it is worth now.
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
    /// What the rest is worth.
    pub remaining: u64,
}

/// Earnings of a delegation were paid.
#[event(bytemuck)]
pub struct DelegationClaimed {
    pub delegator: Address,
    pub stake: Address,
    pub amount: u64,
}

/// The owner of a stake took its commission.
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
