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

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;

    /// What is inconsistent, and the change that makes it so.
    type Broken = (&'static str, fn(&mut Stake));

    /// A stake with delegations, a part of which is locked.
    fn sound_stake() -> Stake {
        let mut stake = Stake::zeroed();
        stake.amount = 100;
        stake.locked = 40;
        stake.xnos = 100;
        stake.delegated = 50;
        stake.delegated_shares = 50;
        stake.delegated_earning = 30;
        stake.delegated_xnos = 30;
        stake
    }

    #[test]
    fn a_stake_that_is_consistent_passes() {
        assert!(Stake::zeroed().invariant().is_ok());
        assert!(sound_stake().invariant().is_ok());

        let mut unstaked = sound_stake();
        unstaked.unstaked_at = 1;
        unstaked.xnos = 0;
        unstaked.withdrawn = 60;
        assert!(unstaked.invariant().is_ok(), "everything but the lock is withdrawn");
    }

    #[test]
    fn each_inconsistency_of_a_stake_fails() {
        let broken: [Broken; 7] = [
            ("more is locked than staked", |stake| stake.locked = 101),
            ("withdrawn while staked", |stake| stake.withdrawn = 1),
            ("weight in the cooldown", |stake| stake.unstaked_at = 1),
            ("withdrawn from the lock", |stake| {
                stake.unstaked_at = 1;
                stake.xnos = 0;
                stake.withdrawn = 61;
            }),
            ("more shares earn than exist", |stake| stake.delegated_earning = 51),
            ("weight without shares that earn", |stake| stake.delegated_earning = 0),
            ("an amount without shares", |stake| {
                stake.delegated_shares = 0;
                stake.delegated_earning = 0;
                stake.delegated_xnos = 0;
            }),
        ];
        for (case, change) in broken {
            let mut stake = sound_stake();
            change(&mut stake);
            assert!(stake.invariant().is_err(), "{case}");
        }
    }
}
