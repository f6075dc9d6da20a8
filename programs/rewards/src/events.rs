//! What the rewards program tells the world. Amounts are base units of NOS, times unix seconds.

use anchor_lang::prelude::*;

/// A position was opened.
#[event(bytemuck)]
pub struct Entered {
    pub owner: Address,
    pub weight: u64,
}

/// A position was settled with a new weight.
#[event(bytemuck)]
pub struct Synced {
    pub owner: Address,
    pub weight_before: u64,
    pub weight_after: u64,
    pub accrued: u64,
}

/// Income arrived.
#[event(bytemuck)]
pub struct Funded {
    pub source: Address,
    pub amount: u64,
    pub pending: u64,
}

/// Earnings were taken.
#[event(bytemuck)]
pub struct Claimed {
    pub owner: Address,
    pub amount: u64,
}
