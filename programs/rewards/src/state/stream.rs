use anchor_lang::prelude::*;
use nosana_protocol::{
    stream::Schedule,
    units::{Amount, UnixTimestamp},
};

use crate::errors::RewardsError;

/// An amount that becomes income bit by bit. Its tokens lie in the pool's vault. Seeds: `["stream",
/// owner, id]`.
#[account]
pub struct Stream {
    /// Who opened it, and gets the rent.
    pub owner: Address,
    /// Tells the streams of one owner apart.
    pub id: u64,
    /// Base units that it pays altogether.
    pub amount: u64,
    /// Base units that have become income.
    pub dripped: u64,
    /// When it begins, in unix seconds.
    pub start: i64,
    /// When all of it is due, in unix seconds.
    pub end: i64,
    /// Not zero if its owner may cancel it.
    pub cancellable: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 5],
    /// For later fields.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Stream>() == 144);

impl Stream {
    /// Its schedule, as the protocol sees it.
    pub const fn schedule(&self) -> Schedule {
        Schedule {
            amount: Amount(self.amount),
            start: UnixTimestamp(self.start),
            end: UnixTimestamp(self.end),
        }
    }

    /// What has not become income yet.
    pub fn remaining(&self) -> Result<u64> {
        Ok(self.amount.checked_sub(self.dripped).ok_or(RewardsError::Overflow)?)
    }
}
