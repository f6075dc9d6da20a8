//! Code that the three programs share: each other's addresses, the layout of a stake, and the
//! transfer of tokens.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`deployer`] | checks who may initialize a program |
//! | [`event`] | logs events |
//! | [`ids`] | addresses of the programs and of their single accounts |
//! | [`metadata`] | checks that a token belongs to a collection |
//! | [`stake`] | layout of a stake, which all three programs read |
//! | [`token`] | transfers tokens and reads token accounts |
//!
//! [`hash_parts`] hashes with the runtime's system call.
#![no_std]

pub mod deployer;
pub mod event;
pub mod ids;
pub mod metadata;
pub mod stake;
pub mod token;

use anchor_lang::prelude::*;

/// The program that owns the accounts defined in this crate: `#[account]` looks for it here.
pub use ids::STAKING as ID;

/// Returns the cluster's clock, in unix seconds.
#[inline(always)]
pub fn unix_now() -> Result<i64> {
    Ok(Clock::get()?.unix_timestamp)
}

/// Returns the sha2-256 of the joined parts.
pub fn hash_parts(parts: &[&[u8]]) -> [u8; 32] {
    anchor_lang::solana_program::hash::hashv(parts).to_bytes()
}
