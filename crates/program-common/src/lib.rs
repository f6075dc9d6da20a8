//! What the three programs share: each other's addresses, and the one helper by which tokens move.
#![no_std]

pub mod deployer;
pub mod ids;
pub mod metadata;
pub mod stake;
pub mod token;

use anchor_lang::prelude::*;

/// The program that owns the accounts defined in this crate: `#[account]` looks for it here.
pub use ids::STAKING as ID;

/// The cluster's clock, in unix seconds.
#[inline(always)]
pub fn now() -> Result<i64> {
    Ok(Clock::get()?.unix_timestamp)
}
