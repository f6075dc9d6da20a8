//! The layout of a stake. It stands here, and not in the staking program, because all three programs read it, and a
//! program that links another one as a library would carry its entrypoint.

use crate::ids;
use anchor_lang::prelude::*;
use nosana_protocol::{
    Overflow,
    units::{Amount, Moment, Seconds},
    xnos,
};

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
    pub fn in_vault(&self) -> Checked<u64> {
        self.amount.checked_sub(self.withdrawn).ok_or(Overflow)
    }

    /// Base units that no job holds.
    pub fn free(&self) -> Checked<u64> {
        self.in_vault()?.checked_sub(self.locked).ok_or(Overflow)
    }

    /// What the owner may withdraw at `now`.
    pub fn withdrawable(&self, now: i64) -> Checked<u64> {
        let elapsed = Moment(now).since(Moment(self.unstaked_at));
        let amount = Amount(self.amount);
        let released = xnos::released(amount, Seconds(self.duration_seconds), elapsed)?;
        Ok(xnos::withdrawable(released, Amount(self.withdrawn), amount, Amount(self.locked))?.0)
    }

    /// Sets the weight anew from the amount: zero once unstaked.
    pub fn reweigh(&mut self) -> Checked<()> {
        self.xnos =
            if self.is_unstaked() { 0 } else { xnos::weight(Amount(self.amount), Seconds(self.duration_seconds))?.0 };
        Ok(())
    }

    /// What must hold after every instruction: `locked ≤ amount − withdrawn`, and no weight in the cooldown.
    pub fn is_sound(&self) -> bool {
        let covered = self.in_vault().is_ok_and(|in_vault| in_vault >= self.locked);
        covered && (!self.is_unstaked() || self.xnos == 0)
    }
}

/// A value, unless it left its range.
type Checked<T> = core::result::Result<T, Overflow>;

/// The xNOS of the stake in `account`; nothing if there is none.
///
/// For accounts that are on their way to the staking program, so that nothing may hold a view of them.
pub fn xnos_in(account: &AccountView) -> Option<u64> {
    if !account.owned_by(&ids::STAKING) {
        return None;
    }
    let data = account.try_borrow().ok()?;
    let (tag, fields) = data.split_at_checked(Stake::DISCRIMINATOR.len())?;
    let stake: &Stake = bytemuck::try_from_bytes(fields).ok()?;
    (tag == Stake::DISCRIMINATOR).then_some(stake.xnos)
}
