//! Events of the rewards program. Amounts are base units of NOS, times unix seconds.

use anchor_lang::prelude::*;

/// A position was opened.
#[event(bytemuck)]
pub struct Entered {
    pub owner: Address,
    pub weight: u64,
}

/// A position was settled and has a new weight.
#[event(bytemuck)]
pub struct Synced {
    pub owner: Address,
    pub weight_before: u64,
    pub weight_after: u64,
    pub accrued: u64,
}

/// Income was added.
#[event(bytemuck)]
pub struct Funded {
    pub source: Address,
    pub amount: u64,
    pub pending: u64,
}

/// What had arrived in the vault became income.
#[event(bytemuck)]
pub struct IncomeCounted {
    pub amount: u64,
    pub pending: u64,
}

/// What a position would have earned with weight that had left its stake became income again.
#[event(bytemuck)]
pub struct IncomeReturned {
    pub owner: Address,
    pub amount: u64,
    pub pending: u64,
}

/// Earnings of a position were paid.
#[event(bytemuck)]
pub struct Claimed {
    pub owner: Address,
    pub amount: u64,
}

/// A position was closed; `amount` is what it had earned, and was paid.
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

/// A part of a stream became income, by `drip` or `close_stream`.
#[event(bytemuck)]
pub struct StreamDripped {
    pub stream: Address,
    pub amount: u64,
    pub remaining: u64,
}

/// A stream was closed; `returned` went back to its owner.
#[event(bytemuck)]
pub struct StreamClosed {
    pub stream: Address,
    pub returned: u64,
}

/// The admin or the guardian changed, or entry was paused or unpaused.
#[event(bytemuck)]
pub struct AuthoritiesChanged {
    pub admin: Address,
    pub guardian: Address,
    pub paused: u64,
}
