use anchor_lang::prelude::*;
pub use nosana_program_common::stake::Stake;

use crate::errors::StakingError;

/// Checks a stake with this program's error. [`Stake`] is defined in a crate that does not know it.
pub trait StakeInvariant {
    /// Fails unless [`Stake::is_sound`]. Every handler that writes a stake calls it afterwards.
    fn invariant(&self) -> Result<()>;
}

impl StakeInvariant for Stake {
    fn invariant(&self) -> Result<()> {
        require!(self.is_sound(), StakingError::InvariantViolated);
        Ok(())
    }
}
