//! The layout of a stake. It is in this crate, not in the staking program, because all three
//! programs read it, and a program that links another one as a library would carry its entrypoint.

use anchor_lang::prelude::*;
use nosana_protocol::{
    Overflow,
    delegation::Delegated,
    rewards::{Index, StakeWeight},
    seeds,
    units::{Amount, Seconds, UnixTimestamp},
    xnos,
};

use crate::ids;

/// One owner's stake, and the total of what others delegated to it. Seeds: `["stake", owner]`.
#[account]
pub struct Stake {
    /// The wallet that may unstake and withdraw.
    pub owner: Address,
    /// The owner's position in the reward pool, whether or not it exists: `["position", owner]` of
    /// the rewards program.
    pub position: Address,
    /// Base units staked, less what was slashed. Withdrawn base units still count.
    pub amount: u64,
    /// Base units withdrawn since unstaking.
    pub withdrawn: u64,
    /// Base units locked as collateral for jobs.
    pub locked: u64,
    /// The stake's weight, in xNOS; zero while unstaked.
    pub xnos: u64,
    /// Length of the cooldown, in seconds.
    pub duration_seconds: u64,
    /// Start of the cooldown, in unix seconds; zero while staked.
    pub unstaked_at: i64,
    /// Base units slashed since the stake was opened.
    pub slashed: u64,
    /// The position of the delegations in the reward pool: `["position", this stake]` of the
    /// rewards program; zero until the owner first sets terms for delegations.
    pub delegated_position: Address,
    /// The reward of one earning share since the beginning; see [`Index::acc`].
    pub delegated_acc: PodU128,
    /// See [`Index::remainder`].
    pub delegated_remainder: u64,
    /// Base units that others delegated, less what was slashed and withdrawn.
    pub delegated: u64,
    /// Shares of all delegations together.
    pub delegated_shares: u64,
    /// Shares that earn: those of delegations that are not in a cooldown.
    pub delegated_earning: u64,
    /// The weight of the shares that earn, in xNOS.
    pub delegated_xnos: u64,
    /// Length of the cooldown of delegations, in seconds.
    pub delegated_duration_seconds: u64,
    /// Base units of commission that the owner has earned and not claimed yet.
    pub commission_owed: u64,
    /// Number of open delegations, including empty ones.
    pub delegation_count: u64,
    /// The owner's share of what later deposits earn, in basis points.
    pub commission_bps: u16,
    /// Not zero while new delegations are accepted.
    pub accepts_delegation: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Not zero while the staking program calls the rewards program to settle one of the two
    /// positions with a new weight.
    pub is_settling: u8,
    /// Explicit padding, so that the layout has no hidden bytes.
    pub padding: [u8; 2],
    /// During that call, the weight that the stake, or what is delegated to it, had up to then.
    pub settling_xnos: u64,
    /// Reserved for later fields.
    pub reserved: [u8; 48],
}

const _: () = assert!(core::mem::size_of::<Stake>() == 296);

impl Stake {
    /// Returns whether the cooldown has begun.
    pub const fn is_unstaked(&self) -> bool {
        self.unstaked_at != 0
    }

    /// Returns the base units of this stake in the vault.
    pub fn in_vault(&self) -> Checked<u64> {
        self.amount.checked_sub(self.withdrawn).ok_or(Overflow)
    }

    /// Returns the base units in the vault that are not locked.
    pub fn free_collateral(&self) -> Checked<u64> {
        self.in_vault()?.checked_sub(self.locked).ok_or(Overflow)
    }

    /// Returns the base units that the owner may withdraw at `now`.
    pub fn withdrawable_at(&self, now: i64) -> Checked<u64> {
        let elapsed = UnixTimestamp(now).seconds_since(UnixTimestamp(self.unstaked_at));
        let amount = Amount(self.amount);
        let released = xnos::released_amount(amount, Seconds(self.duration_seconds), elapsed)?;

        Ok(xnos::withdrawable_amount(
            released,
            Amount(self.withdrawn),
            amount,
            Amount(self.locked),
        )?
        .0)
    }

    /// Returns whether the cooldown has paid out the whole stake.
    pub fn is_spent(&self) -> Checked<bool> {
        Ok(self.is_unstaked() && self.in_vault()? == 0)
    }

    /// Ends the cooldown of a spent stake and empties it. Its delegations stay.
    pub const fn reset_spent(&mut self) {
        self.amount = 0;
        self.withdrawn = 0;
        self.unstaked_at = 0;
    }

    /// Recomputes the weight from amount and duration; zero while unstaked.
    pub fn update_weight(&mut self) -> Checked<()> {
        self.xnos = if self.is_unstaked() {
            0
        } else {
            xnos::stake_weight(Amount(self.amount), Seconds(self.duration_seconds))?.0
        };
        Ok(())
    }

    /// Returns the weight that the owner's position has by this stake.
    pub const fn position_weight(&self) -> StakeWeight {
        self.settling_weight(self.xnos)
    }

    /// Returns the weight that the position of the delegations has by this stake.
    pub const fn delegated_position_weight(&self) -> StakeWeight {
        self.settling_weight(self.delegated_xnos)
    }

    /// Returns `weight`, and what it was before if a change of it is being settled.
    const fn settling_weight(&self, weight: u64) -> StakeWeight {
        let until_now = if self.is_settling == 0 { weight } else { self.settling_xnos };
        StakeWeight { until_now, from_now: weight }
    }

    /// Records that a position is being settled, and the weight that it had by this stake up to
    /// now. The weights already are those from now on.
    pub const fn begin_settlement(&mut self, until_now: u64) {
        self.is_settling = 1;
        self.settling_xnos = until_now;
    }

    /// Records that no position is being settled.
    pub const fn end_settlement(&mut self) {
        self.is_settling = 0;
        self.settling_xnos = 0;
    }

    /// Returns the weight that counts for a node's owner: its own and that of its delegations; zero
    /// in its cooldown.
    pub const fn backing_xnos(&self) -> u64 {
        if self.is_unstaked() { 0 } else { self.xnos.saturating_add(self.delegated_xnos) }
    }

    /// Returns the weight behind a match that is about to start: [`Self::backing_xnos`], with
    /// delegations in their cooldown counted in full. Those can still be slashed, so a delegator
    /// who leaves between match and start does not prevent the start.
    pub fn held_xnos(&self) -> Checked<u64> {
        if self.is_unstaked() || self.delegated == 0 {
            return Ok(self.backing_xnos());
        }

        let held =
            xnos::stake_weight(Amount(self.delegated), Seconds(self.delegated_duration_seconds))?;
        Ok(self.xnos.saturating_add(held.0))
    }

    /// Returns the total of all delegations, as the protocol computes with it.
    pub fn to_delegated(&self) -> Delegated {
        Delegated {
            amount: Amount(self.delegated),
            shares: self.delegated_shares,
            earning: self.delegated_earning,
            index: Index { acc: self.delegated_acc.get(), remainder: self.delegated_remainder },
            commission: Amount(self.commission_owed),
        }
    }

    /// Stores the total that the protocol computed, and its weight. The caller settles the
    /// delegations' position in the same transaction.
    pub fn store_delegated_and_weight(&mut self, delegated: &Delegated) -> Checked<()> {
        self.delegated_xnos = delegated.earning_weight(Seconds(self.delegated_duration_seconds))?.0;
        self.store_delegated(delegated);

        Ok(())
    }

    /// Stores the total that the protocol computed. The weight stays: the amount that earns has not
    /// changed, apart from rounding dust that others left.
    pub fn store_delegated(&mut self, delegated: &Delegated) {
        self.delegated = delegated.amount.0;
        self.delegated_shares = delegated.shares;
        self.delegated_earning = delegated.earning;
        self.delegated_acc = delegated.index.acc.into();
        self.delegated_remainder = delegated.index.remainder;
        self.commission_owed = delegated.commission.0;
    }

    /// Returns the seeds with which a stake signs for the position of its delegations.
    pub const fn signer_seeds<'a>(owner: &'a Address, bump: &'a [u8; 1]) -> [&'a [u8]; 3] {
        [seeds::STAKE, owner.as_array(), bump]
    }

    /// Returns whether the stored state is consistent. It must be after every instruction:
    /// - `locked ≤ amount − withdrawn`
    /// - no weight in the cooldown, nothing withdrawn outside of it
    /// - the delegations are consistent, and have no weight without shares that earn
    /// - no position is being settled
    pub fn is_sound(&self) -> bool {
        let is_covered = self.in_vault().is_ok_and(|in_vault| in_vault >= self.locked);
        let fits_cooldown = if self.is_unstaked() { self.xnos == 0 } else { self.withdrawn == 0 };
        let has_earning_weight = self.delegated_earning > 0 || self.delegated_xnos == 0;
        let is_at_rest = self.is_settling == 0 && self.settling_xnos == 0;

        is_covered
            && fits_cooldown
            && has_earning_weight
            && is_at_rest
            && self.to_delegated().is_sound()
    }
}

/// A value, or an overflow in its computation.
type Checked<T> = core::result::Result<T, Overflow>;

/// The account is not empty, and is not a stake that this code can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableStake;

/// Returns what `view` returns for the stake in `account`, or `None` if the account is gone: it has
/// no data, and no program owns it. Fails for everything else that is not a stake, such as one that
/// new code of the staking program has written in another layout: what cannot be read must not
/// count as zero.
///
/// The caller has compared the address. For accounts that are passed on to another program, so that
/// no typed view of them may be alive.
pub fn read_stake<T>(
    account: &AccountView,
    view: impl FnOnce(&Stake) -> T,
) -> core::result::Result<Option<T>, UnreadableStake> {
    let data = account.try_borrow().map_err(|_| UnreadableStake)?;
    if data.is_empty() && account.owned_by(&System::id()) {
        return Ok(None);
    }
    if !account.owned_by(&ids::STAKING) {
        return Err(UnreadableStake);
    }

    let (tag, fields) = data.split_at_checked(Stake::DISCRIMINATOR.len()).ok_or(UnreadableStake)?;
    let stake: &Stake = bytemuck::try_from_bytes(fields).map_err(|_| UnreadableStake)?;

    if tag == Stake::DISCRIMINATOR { Ok(Some(view(stake))) } else { Err(UnreadableStake) }
}
