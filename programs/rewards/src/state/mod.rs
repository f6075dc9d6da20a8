//! The accounts of the rewards program.

pub mod pool;
pub mod position;
pub mod stream;

pub use {pool::Pool, position::Position, stream::Stream};

use anchor_lang::prelude::*;
use nosana_protocol::Overflow;

use crate::errors::RewardsError;

/// An overflow in the protocol, as this program's error.
pub fn overflow(_: Overflow) -> ProgramError {
    RewardsError::Overflow.into()
}
