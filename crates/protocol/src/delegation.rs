//! The value, rewards and losses of delegated stake.
//!
//! Everything delegated to one node is one amount, held in shares: a slash lowers the amount, and
//! with it the value of every share. Shares that are not in a cooldown earn, by a reward index like
//! the pool's. The income of that index is the reward that the delegated stake, as one position,
//! earns in the reward pool.
//!
//! Rounding is against the delegator who acts: a deposit buys shares rounded down, a withdrawal
//! costs shares rounded up. So only a slash lowers the value of a share, apart from what its
//! owner's own withdrawals round away. It starts at one base unit, and never rises above that: a
//! deposit buys at least as many shares as base units, and a withdrawal leaves at least as many.

use crate::{
    Overflow,
    rewards::{Index, Position},
    units::{Amount, BasisPoints, Seconds},
    xnos,
};

/// Everything delegated to one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delegated {
    /// The value of all shares.
    pub amount: Amount,
    /// All shares, including those in a cooldown.
    pub shares: u64,
    /// The shares that earn: those not in a cooldown.
    pub earning: u64,
    /// The reward of one earning share.
    pub index: Index,
    /// Commission that the node has earned and not yet claimed.
    pub commission: Amount,
}

/// One delegator's part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delegation {
    /// The delegator's shares.
    pub shares: u64,
    /// True while they are in a cooldown and earn nothing.
    pub undelegated: bool,
    /// Withdrawn during the cooldown.
    pub withdrawn: Amount,
    /// The index at the last settlement.
    pub paid_acc: u128,
    /// Earned, less commission, and not yet claimed.
    pub accrued: Amount,
    /// The node's share of future rewards.
    pub commission: BasisPoints,
}

impl Delegated {
    /// Returns the value of `shares`: `⌊shares × amount / all shares⌋`.
    pub fn value_of(&self, shares: u64) -> Result<Amount, Overflow> {
        if self.shares == 0 {
            return Ok(Amount::ZERO);
        }

        mul_div_floor(shares, self.amount.0, self.shares).map(Amount)
    }

    /// Returns the xNOS of the earning shares, for a cooldown of `duration`.
    pub fn earning_weight(&self, duration: Seconds) -> Result<Amount, Overflow> {
        xnos::stake_weight(self.value_of(self.earning)?, duration)
    }

    /// Adds `amount` and returns the shares that it buys, which earn. Fails if a slash left
    /// existing shares without value, because the price of a new share is then undefined.
    pub fn buy_shares(&mut self, amount: Amount) -> Result<u64, Overflow> {
        let bought = if self.shares == 0 {
            amount.0
        } else {
            mul_div_floor(amount.0, self.shares, self.amount.0)?
        };

        // Compute every sum before the first write, so that a failure changes nothing.
        let total = self.amount.checked_add(amount)?;
        let shares = self.shares.checked_add(bought).ok_or(Overflow)?;
        self.earning = self.earning.checked_add(bought).ok_or(Overflow)?;

        self.amount = total;
        self.shares = shares;
        Ok(bought)
    }

    /// Moves `shares` into a cooldown, in which they earn nothing.
    pub fn start_cooldown(&mut self, shares: u64) -> Result<(), Overflow> {
        self.earning = self.earning.checked_sub(shares).ok_or(Overflow)?;
        Ok(())
    }

    /// Takes `loss`, the part of a slash, from all shares.
    pub fn apply_loss(&mut self, loss: Amount) -> Result<(), Overflow> {
        self.amount = self.amount.checked_sub(loss)?;
        Ok(())
    }

    /// Distributes the reward of the delegated stake over the shares that earned it. The node gets
    /// it if there are none.
    pub fn receive_income(&mut self, income: Amount, earned_by: u64) -> Result<(), Overflow> {
        if earned_by == 0 {
            self.commission = self.commission.checked_add(income)?;
            return Ok(());
        }

        self.index.distribute_income(income, earned_by)
    }

    /// Settles `delegation`: splits the reward of its shares between the delegator and the node's
    /// commission.
    pub fn settle_delegation(&mut self, delegation: &mut Delegation) -> Result<(), Overflow> {
        let weight = if delegation.undelegated { 0 } else { delegation.shares };
        let mut position =
            Position { weight, paid_acc: delegation.paid_acc, accrued: Amount::ZERO };
        position.settle_to(self.index.acc)?;
        let earned = position.take_accrued();

        let commission = earned.apply_rate(delegation.commission)?;
        self.commission = self.commission.checked_add(commission)?;
        delegation.accrued =
            earned.checked_sub(commission).and_then(|net| delegation.accrued.checked_add(net))?;

        delegation.paid_acc = position.paid_acc;
        Ok(())
    }

    /// Returns the amount that `delegation` may withdraw after `elapsed` of a cooldown of
    /// `duration`. Its value plus earlier withdrawals are released linearly, like the stake's own
    /// amount.
    pub fn withdrawable_amount(
        &self,
        delegation: &Delegation,
        duration: Seconds,
        elapsed: Seconds,
    ) -> Result<Amount, Overflow> {
        let value = self.value_of(delegation.shares)?;
        let whole = value.checked_add(delegation.withdrawn)?;

        xnos::withdrawable_amount(
            xnos::released_amount(whole, duration, elapsed)?,
            delegation.withdrawn,
            whole,
            Amount::ZERO,
        )
    }

    /// Withdraws `amount` for `delegation`, which is in its cooldown and has shares of at least
    /// that value.
    ///
    /// Dust that remains after the last share is the node's.
    pub fn sell_shares(
        &mut self,
        delegation: &mut Delegation,
        amount: Amount,
    ) -> Result<(), Overflow> {
        let value = self.value_of(delegation.shares)?;
        let cost = if amount == value {
            delegation.shares
        } else {
            mul_div_ceil(amount.0, self.shares, self.amount.0)?.min(delegation.shares)
        };
        self.amount = self.amount.checked_sub(amount)?;
        self.shares = self.shares.checked_sub(cost).ok_or(Overflow)?;

        delegation.shares = delegation.shares.checked_sub(cost).ok_or(Overflow)?;
        delegation.withdrawn = delegation.withdrawn.checked_add(amount)?;
        if self.shares == 0 {
            self.commission = self.commission.checked_add(core::mem::take(&mut self.amount))?;
        }
        Ok(())
    }

    /// Returns true if the relations hold that every operation must keep: no more shares earn than
    /// exist, and no share is worth more than a base unit. So there is no amount without shares.
    pub const fn is_sound(&self) -> bool {
        self.earning <= self.shares && self.amount.0 <= self.shares
    }
}

/// Returns `⌊value × part / whole⌋`. Fails for a `whole` of zero, and above 64 bits.
fn mul_div_floor(value: u64, part: u64, whole: u64) -> Result<u64, Overflow> {
    let scaled = u128::from(value)
        .checked_mul(part.into())
        .and_then(|product| product.checked_div(whole.into()));
    scaled.and_then(|scaled| u64::try_from(scaled).ok()).ok_or(Overflow)
}

/// Returns `⌈value × part / whole⌉`. Fails for a `whole` of zero, and above 64 bits.
fn mul_div_ceil(value: u64, part: u64, whole: u64) -> Result<u64, Overflow> {
    let down = mul_div_floor(value, part, whole)?;
    let exact =
        u128::from(down).checked_mul(whole.into()) == u128::from(value).checked_mul(part.into());
    down.checked_add(u64::from(!exact)).ok_or(Overflow)
}

#[cfg(test)]
mod tests;
