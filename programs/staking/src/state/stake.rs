use anchor_lang::prelude::*;
use nosana_protocol::{
    Overflow,
    units::{Amount, Moment, Seconds},
    xnos,
};

use crate::errors::StakingError;

/// One owner's stake. Seeds: `["stake", owner]`.
#[account]
pub struct Stake {
    /// Who may unstake and withdraw.
    pub owner: Address,
    /// The owner's position in the reward pool, whether or not it exists: `["position", owner]` of the rewards program.
    pub position: Address,
    /// Base units staked, less what was slashed. What was withdrawn still counts here.
    pub amount: u64,
    /// Base units withdrawn since unstaking.
    pub withdrawn: u64,
    /// Base units that jobs hold as collateral.
    pub locked: u64,
    /// The weight; zero while unstaked.
    pub xnos: u64,
    /// Length of the cooldown.
    pub duration_seconds: u64,
    /// When the cooldown began, in unix seconds; zero while staked.
    pub unstaked_at: i64,
    /// Base units slashed since the stake was opened.
    pub slashed: u64,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 6],
    /// For later fields: delegation, among others.
    pub reserved: [u8; 128],
}

const _: () = assert!(core::mem::size_of::<Stake>() == 256);

impl Stake {
    /// Whether the cooldown has begun.
    pub const fn is_unstaked(&self) -> bool {
        self.unstaked_at != 0
    }

    /// Base units of this stake in the vault.
    pub fn in_vault(&self) -> Result<u64> {
        Ok(self.amount.checked_sub(self.withdrawn).ok_or(StakingError::Overflow)?)
    }

    /// Base units that no job holds.
    pub fn free(&self) -> Result<u64> {
        Ok(self.in_vault()?.checked_sub(self.locked).ok_or(StakingError::Overflow)?)
    }

    /// What the owner may withdraw at `now`.
    pub fn withdrawable(&self, now: i64) -> Result<u64> {
        let elapsed = Moment(now).since(Moment(self.unstaked_at));
        let amount = Amount(self.amount);
        let released = xnos::released(amount, Seconds(self.duration_seconds), elapsed).map_err(overflow)?;
        let due = xnos::withdrawable(released, Amount(self.withdrawn), amount, Amount(self.locked));
        Ok(due.map_err(overflow)?.0)
    }

    /// Sets the weight anew from the amount: zero once unstaked.
    pub fn reweigh(&mut self) -> Result<()> {
        self.xnos = if self.is_unstaked() {
            0
        } else {
            xnos::weight(Amount(self.amount), Seconds(self.duration_seconds)).map_err(overflow)?.0
        };
        Ok(())
    }

    /// What must hold after every instruction: `locked ≤ amount − withdrawn`, and no weight in the cooldown.
    pub fn invariant(&self) -> Result<()> {
        let covered = self.in_vault()? >= self.locked;
        let weightless = !self.is_unstaked() || self.xnos == 0;
        require!(covered && weightless, StakingError::InvariantViolated);
        Ok(())
    }
}

/// An overflow in the protocol, as this program's error.
pub fn overflow(_: Overflow) -> ProgramError {
    StakingError::Overflow.into()
}
