//! The layout of a stake. It stands here, and not in the staking program, because all three
//! programs read it, and a program that links another one as a library would carry its entrypoint.

use crate::ids;
use anchor_lang::prelude::*;
use nosana_protocol::{
    Overflow,
    delegation::Delegated,
    rewards::Index,
    seeds,
    units::{Amount, Seconds, UnixTimestamp},
    xnos,
};

/// One owner's stake, and all that others delegated to it. Seeds: `["stake", owner]`.
#[account]
pub struct Stake {
    /// Who may unstake and withdraw.
    pub owner: Address,
    /// The owner's position in the reward pool, whether or not it exists: `["position", owner]` of
    /// the rewards program.
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
    /// The position of what was delegated: `["position", this stake]` of the rewards program; zero
    /// until the owner first set terms for delegations.
    pub delegated_position: Address,
    /// The reward of one earning share; see [`Index::acc`].
    pub delegated_acc: PodU128,
    /// See [`Index::remainder`].
    pub delegated_remainder: u64,
    /// Base units that others delegated, less what was slashed and withdrawn.
    pub delegated: u64,
    /// The shares that all delegations have of it.
    pub delegated_shares: u64,
    /// Those of them that are not in a cooldown.
    pub delegated_earning: u64,
    /// The weight of what is delegated and not in a cooldown.
    pub delegated_xnos: u64,
    /// Length of the cooldown of delegations.
    pub delegated_duration_seconds: u64,
    /// Base units of commission that the owner has earned and not yet claimed.
    pub commission_owed: u64,
    /// Delegations that are open, empty ones too.
    pub delegation_count: u64,
    /// The owner's part of what new delegations earn.
    pub commission_bps: u16,
    /// Not zero while new delegations are accepted.
    pub accepts_delegation: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 3],
    /// For later fields.
    pub reserved: [u8; 56],
}

const _: () = assert!(core::mem::size_of::<Stake>() == 296);

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
        let elapsed = UnixTimestamp(now).since(UnixTimestamp(self.unstaked_at));
        let amount = Amount(self.amount);
        let released = xnos::released(amount, Seconds(self.duration_seconds), elapsed)?;
        Ok(xnos::withdrawable(released, Amount(self.withdrawn), amount, Amount(self.locked))?.0)
    }

    /// Whether a cooldown has paid out all of it.
    pub fn is_spent(&self) -> Checked<bool> {
        Ok(self.is_unstaked() && self.in_vault()? == 0)
    }

    /// Ends the cooldown of a spent stake: it is as it was when it was opened, and what was
    /// delegated to it stays.
    pub const fn begin_anew(&mut self) {
        self.amount = 0;
        self.withdrawn = 0;
        self.unstaked_at = 0;
    }

    /// Sets the weight anew from the amount: zero once unstaked.
    pub fn reweigh(&mut self) -> Checked<()> {
        self.xnos = if self.is_unstaked() {
            0
        } else {
            xnos::weight(Amount(self.amount), Seconds(self.duration_seconds))?.0
        };
        Ok(())
    }

    /// The weight that a node's owner can show: its own and what is delegated to it; nothing in its
    /// cooldown.
    pub const fn backing_xnos(&self) -> u64 {
        if self.is_unstaked() { 0 } else { self.xnos.saturating_add(self.delegated_xnos) }
    }

    /// The same with delegations that are in their cooldown: what stands behind a match that is to
    /// be started. They can still be slashed, so a delegator that leaves at that moment stops
    /// nobody.
    pub fn held_xnos(&self) -> Checked<u64> {
        if self.is_unstaked() || self.delegated == 0 {
            return Ok(self.backing_xnos());
        }
        let held = xnos::weight(Amount(self.delegated), Seconds(self.delegated_duration_seconds))?;
        Ok(self.xnos.saturating_add(held.0))
    }

    /// What is delegated, as the protocol works on it.
    pub fn delegations(&self) -> Delegated {
        Delegated {
            amount: Amount(self.delegated),
            shares: self.delegated_shares,
            earning: self.delegated_earning,
            index: Index { acc: self.delegated_acc.get(), remainder: self.delegated_remainder },
            commission: Amount(self.commission_owed),
        }
    }

    /// Stores what the protocol decided, and its weight: for callers that settle the position with
    /// it.
    pub fn weigh_delegations(&mut self, delegated: &Delegated) -> Checked<()> {
        self.delegated_xnos = delegated.weight(Seconds(self.delegated_duration_seconds))?.0;
        self.store_delegations(delegated);
        Ok(())
    }

    /// Stores what the protocol decided. The weight stays: what earns has not changed, but by dust
    /// that others left.
    pub fn store_delegations(&mut self, delegated: &Delegated) {
        self.delegated = delegated.amount.0;
        self.delegated_shares = delegated.shares;
        self.delegated_earning = delegated.earning;
        self.delegated_acc = delegated.index.acc.into();
        self.delegated_remainder = delegated.index.remainder;
        self.commission_owed = delegated.commission.0;
    }

    /// Seeds by which a stake signs for the position of what was delegated to it.
    pub const fn signer_seeds<'a>(owner: &'a Address, bump: &'a [u8; 1]) -> [&'a [u8]; 3] {
        [seeds::STAKE, owner.as_array(), bump]
    }

    /// What must hold after every instruction: `locked ≤ amount − withdrawn`, no weight in the
    /// cooldown, and delegations that hold together.
    pub fn is_sound(&self) -> bool {
        let covered = self.in_vault().is_ok_and(|in_vault| in_vault >= self.locked);
        covered && (!self.is_unstaked() || self.xnos == 0) && self.delegations().is_sound()
    }
}

/// A value, unless it left its range.
type Checked<T> = core::result::Result<T, Overflow>;

/// What `field` says of the stake in `account`; nothing if there is none.
///
/// For accounts that are on their way to another program, so that nothing may hold a view of them.
pub fn read(account: &AccountView, field: impl FnOnce(&Stake) -> u64) -> Option<u64> {
    if !account.owned_by(&ids::STAKING) {
        return None;
    }
    let data = account.try_borrow().ok()?;
    let (tag, fields) = data.split_at_checked(Stake::DISCRIMINATOR.len())?;
    let stake: &Stake = bytemuck::try_from_bytes(fields).ok()?;
    (tag == Stake::DISCRIMINATOR).then(|| field(stake))
}
