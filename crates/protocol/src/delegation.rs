//! What delegated stake is worth, earns and loses.
//!
//! All that is delegated to one node is one amount, held in shares: a slash lowers the amount, and
//! every share is worth less at once. The shares that are not in a cooldown earn, by a reward index
//! as the pool's own. Its income is what the delegated stake, as one position, has earned in the
//! reward pool.
//!
//! Every rounding is against who moves: a deposit buys shares rounded down, a withdrawal costs
//! shares rounded up. So a share's worth never falls but by a slash. It starts at one base unit,
//! and rises above that by dust alone.

use crate::{
    Overflow,
    rewards::{Index, Position},
    units::{Amount, BasisPoints, Seconds},
    xnos,
};

/// All that was delegated to one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delegated {
    /// What the shares are worth together.
    pub amount: Amount,
    /// All shares, those in a cooldown too.
    pub shares: u64,
    /// The shares that earn: those that are in no cooldown.
    pub earning: u64,
    /// The reward of one earning share.
    pub index: Index,
    /// What the node has earned by commissions and not yet claimed.
    pub commission: Amount,
}

/// What one owner delegated to one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delegation {
    /// Shares of what was delegated to the node.
    pub shares: u64,
    /// Whether they are in their cooldown, and earn nothing.
    pub undelegated: bool,
    /// What was withdrawn in the cooldown.
    pub withdrawn: Amount,
    /// The index at the last settlement.
    pub paid_acc: u128,
    /// What was earned, less commission, and not yet claimed.
    pub accrued: Amount,
    /// The node's part of what is earned from now on.
    pub commission: BasisPoints,
}

impl Delegated {
    /// What `shares` are worth: `⌊shares × amount / all shares⌋`.
    pub fn value(&self, shares: u64) -> Result<Amount, Overflow> {
        if self.shares == 0 {
            return Ok(Amount::ZERO);
        }
        scale(shares, self.amount.0, self.shares).map(Amount)
    }

    /// The weight of all that earns, for a cooldown of `duration`.
    pub fn weight(&self, duration: Seconds) -> Result<Amount, Overflow> {
        xnos::weight(self.value(self.earning)?, duration)
    }

    /// Gives `amount` in; returns the shares that it buys, which earn. Fails if shares are there
    /// that a slash left without worth: nobody can say what a new one would cost.
    pub fn put_in(&mut self, amount: Amount) -> Result<u64, Overflow> {
        let bought =
            if self.shares == 0 { amount.0 } else { scale(amount.0, self.shares, self.amount.0)? };
        // All sums before the first change: what fails changes nothing.
        let total = self.amount.plus(amount)?;
        let shares = self.shares.checked_add(bought).ok_or(Overflow)?;
        self.earning = self.earning.checked_add(bought).ok_or(Overflow)?;
        (self.amount, self.shares) = (total, shares);
        Ok(bought)
    }

    /// Lets `shares` earn no more.
    pub fn cool_down(&mut self, shares: u64) -> Result<(), Overflow> {
        self.earning = self.earning.checked_sub(shares).ok_or(Overflow)?;
        Ok(())
    }

    /// Takes `loss` from all shares, by a slash.
    pub fn lose(&mut self, loss: Amount) -> Result<(), Overflow> {
        self.amount = self.amount.minus(loss)?;
        Ok(())
    }

    /// Spreads what the delegated stake has earned over the shares that earned it; the node has it
    /// where there are none.
    pub fn receive(&mut self, income: Amount, earned_by: u64) -> Result<(), Overflow> {
        if earned_by == 0 {
            self.commission = self.commission.plus(income)?;
            return Ok(());
        }
        self.index.spread(income, earned_by)
    }

    /// Settles `delegation`: what its shares have earned is split between it and the node's
    /// commission.
    pub fn settle(&mut self, delegation: &mut Delegation) -> Result<(), Overflow> {
        let weight = if delegation.undelegated { 0 } else { delegation.shares };
        let mut position =
            Position { weight, paid_acc: delegation.paid_acc, accrued: Amount::ZERO };
        position.settle(self.index.acc)?;
        let earned = position.take();
        let commission = earned.share(delegation.commission)?;
        self.commission = self.commission.plus(commission)?;
        delegation.accrued =
            earned.minus(commission).and_then(|net| delegation.accrued.plus(net))?;
        delegation.paid_acc = position.paid_acc;
        Ok(())
    }

    /// What `delegation`, in the cooldown for `elapsed` of its `duration`, may withdraw now: its
    /// worth and what it withdrew are released along a straight line, as the stake's own are.
    pub fn withdrawable(
        &self,
        delegation: &Delegation,
        duration: Seconds,
        elapsed: Seconds,
    ) -> Result<Amount, Overflow> {
        let value = self.value(delegation.shares)?;
        let whole = value.plus(delegation.withdrawn)?;
        xnos::withdrawable(
            xnos::released(whole, duration, elapsed)?,
            delegation.withdrawn,
            whole,
            Amount::ZERO,
        )
    }

    /// Takes `amount` out for `delegation`, which is in its cooldown and has shares of at least
    /// that worth.
    ///
    /// What is left over when the last share is gone is the node's.
    pub fn take_out(
        &mut self,
        delegation: &mut Delegation,
        amount: Amount,
    ) -> Result<(), Overflow> {
        let value = self.value(delegation.shares)?;
        let cost = if amount == value {
            delegation.shares
        } else {
            scale_up(amount.0, self.shares, self.amount.0)?.min(delegation.shares)
        };
        self.amount = self.amount.minus(amount)?;
        self.shares = self.shares.checked_sub(cost).ok_or(Overflow)?;
        delegation.shares = delegation.shares.checked_sub(cost).ok_or(Overflow)?;
        delegation.withdrawn = delegation.withdrawn.plus(amount)?;
        if self.shares == 0 {
            self.commission = self.commission.plus(core::mem::take(&mut self.amount))?;
        }
        Ok(())
    }

    /// What must hold after every change.
    pub const fn is_sound(&self) -> bool {
        self.earning <= self.shares && (self.shares > 0 || self.amount.0 == 0)
    }
}

/// `⌊value × part / whole⌋`; fails for a `whole` of zero, and beyond 64 bits.
fn scale(value: u64, part: u64, whole: u64) -> Result<u64, Overflow> {
    let scaled = u128::from(value)
        .checked_mul(part.into())
        .and_then(|product| product.checked_div(whole.into()));
    scaled.and_then(|scaled| u64::try_from(scaled).ok()).ok_or(Overflow)
}

/// The same, rounded up.
fn scale_up(value: u64, part: u64, whole: u64) -> Result<u64, Overflow> {
    let down = scale(value, part, whole)?;
    let exact =
        u128::from(down).checked_mul(whole.into()) == u128::from(value).checked_mul(part.into());
    down.checked_add(u64::from(!exact)).ok_or(Overflow)
}

#[cfg(test)]
mod tests;
