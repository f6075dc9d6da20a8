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
