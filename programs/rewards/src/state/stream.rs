use anchor_lang::prelude::*;
use nosana_protocol::{
    stream::Schedule,
    units::{Amount, UnixTimestamp},
};

use crate::errors::RewardsError;

/// An emission: an amount that becomes income linearly over time. Its tokens are in the pool's
/// vault. Seeds: `["stream", owner, id]`.
#[account]
pub struct Stream {
    /// The wallet that opened it and gets the rent back.
    pub owner: Address,
    /// Distinguishes the streams of one owner.
    pub id: u64,
    /// Base units that it emits in total.
    pub amount: u64,
    /// Base units that have become income.
    pub dripped: u64,
    /// Start of the emission, in unix seconds.
    pub start: i64,
    /// When everything is due, in unix seconds.
    pub end: i64,
    /// Not zero if its owner may close it before its end.
    pub cancellable: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Explicit padding, so that the layout has no hidden bytes.
    pub padding: [u8; 5],
    /// Reserved for later fields.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Stream>() == 144);

impl Stream {
    /// Returns the schedule, as the protocol computes with it.
    pub const fn to_schedule(&self) -> Schedule {
        Schedule {
            amount: Amount(self.amount),
            start: UnixTimestamp(self.start),
            end: UnixTimestamp(self.end),
        }
    }

    /// Returns the base units that have not become income.
    pub fn remaining_amount(&self) -> Result<u64> {
        Ok(self.amount.checked_sub(self.dripped).ok_or(RewardsError::Overflow)?)
    }
}
