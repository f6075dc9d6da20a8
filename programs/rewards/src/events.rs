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

/// A position was closed; `amount` is what it had earned.
#[event(bytemuck)]
pub struct Exited {
    pub owner: Address,
    pub amount: u64,
}

/// An emission stream was opened.
#[event(bytemuck)]
pub struct StreamOpened {
    pub stream: Address,
    pub owner: Address,
    pub amount: u64,
    pub start: i64,
    pub end: i64,
}

/// A part of a stream became income.
#[event(bytemuck)]
pub struct StreamDripped {
    pub stream: Address,
    pub amount: u64,
    pub remaining: u64,
}

/// A stream was closed. `returned` went back to its owner.
#[event(bytemuck)]
pub struct StreamClosed {
    pub stream: Address,
    pub returned: u64,
}

/// Someone else is admin or guardian now, or entry was paused or unpaused.
#[event(bytemuck)]
pub struct AuthoritiesChanged {
    pub admin: Address,
    pub guardian: Address,
    pub paused: u64,
}
