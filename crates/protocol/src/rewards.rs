//! How income reaches stakers: a reward index over epochs.
//!
//! The index is the algorithm of Synthetix' StakingRewards: `acc` is the reward of one unit of
//! weight since the beginning, so a position earns `weight × (acc − acc at its last settlement)`,
//! no matter what happened in between. The index is scaled by 2⁶⁴.
//!
//! Income does not reach the index at once. Time is cut into epochs of a fixed length, on a grid
//! from unix time zero. Income that arrives during one epoch waits in `pending` and is paid out
//! linearly over the next one. So no one can enter for an instant and take a deposit, and no
//! deposit changes an epoch that has begun. The share of time in which nothing is staked returns to
//! `pending`.
//!
//! A position may have more weight than its stake, if the stake was left without settling it. What
//! it earned is then settled at the stake's weight, and the rest returns to `pending`; see
//! [`Pool::settle_position`].
//!
//! # Bounds
//! - A step of the index is at most `(2⁶⁴ − 1) · 2⁶⁴ + remainder < 2¹²⁸`, as the remainder is below
//!   the weight.
//! - The index itself may wrap; only its differences are used, and `weight ≤ total weight` keeps
//!   what a position earns between two of its settlements below all that was paid out in between.
//! - Each division carries its remainder to the next, and each settlement rounds down once: a
//!   position loses less than one base unit per settlement, and the pool never owes more than its
//!   income.

use crate::{
    Overflow,
    units::{Amount, UnixTimestamp, mul_div_u64},
    wide,
};

/// A reward index: the reward of one unit of weight since the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// That reward, × 2⁶⁴, modulo 2¹²⁸.
    pub acc: u128,
    /// The remainder of the last division, in base units × 2⁶⁴; below the weight at that time.
    pub remainder: u64,
}

impl Index {
    /// Distributes `income` over `weight`, which is not zero: a step of `(income × 2⁶⁴ + remainder)
    /// / weight`, whose remainder is carried to the next step.
    pub fn distribute_income(&mut self, income: Amount, weight: u64) -> Result<(), Overflow> {
        let (whole, rest) =
            income.0.checked_div(weight).zip(income.0.checked_rem(weight)).ok_or(Overflow)?;
        let (fraction, remainder) =
            wide::divide_wide(rest, self.remainder, weight).ok_or(Overflow)?;

        let step = (u128::from(whole) << 64_u32).wrapping_add(fraction.into());
        self.acc = self.acc.wrapping_add(step);
        self.remainder = remainder;
        Ok(())
    }
}

/// The reward pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Reward of one unit of weight.
    pub index: Index,
    /// The sum of all positions' weights.
    pub total_weight: u64,
    /// The time until which the index is up to date.
    pub updated: UnixTimestamp,
    /// Income that waits for the next epoch.
    pub pending: Amount,
    /// The income that is paid out over the epoch of `updated`.
    pub stream: Amount,
    /// The length of an epoch in seconds; not zero.
    pub epoch_seconds: u64,
}

/// One staker's share of the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The xNOS of its stake at the last settlement.
    pub weight: u64,
    /// The index at its last settlement.
    pub paid_acc: u128,
    /// Earned and not yet claimed.
    pub accrued: Amount,
}

/// The weight of a stake, or of what is delegated to it, at the settlement of its position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StakeWeight {
    /// Its weight up to now.
    pub until_now: u64,
    /// Its weight from now on. It differs while a change of the stake settles the position.
    pub from_now: u64,
}

impl StakeWeight {
    /// Returns the weight of a stake that does not change now.
    pub const fn unchanged(weight: u64) -> Self {
        Self { until_now: weight, from_now: weight }
    }
}

impl Pool {
    /// Pays out until `now`. A clock that ran backwards changes nothing.
    pub fn advance_to(&mut self, now: UnixTimestamp) -> Result<(), Overflow> {
        if now <= self.updated {
            return Ok(());
        }

        let (epoch, from) = self.epoch_at(self.updated)?;
        let (epoch_now, to) = self.epoch_at(now)?;

        if epoch == epoch_now {
            self.pay_out(from, to)?;
        } else {
            self.pay_out(from, self.epoch_seconds)?;
            self.open_epoch();
            if epoch_now > epoch.checked_add(1).ok_or(Overflow)? {
                // At least one whole epoch passed since the last update. Either it paid out the
                // whole stream, or nothing was staked and all of it waits again. Further epochs
                // only repeat that.
                self.pay_out(0, self.epoch_seconds)?;
                self.open_epoch();
            }
            self.pay_out(0, to)?;
        }

        self.updated = now;
        Ok(())
    }

    /// Adds income that is paid out over the next epoch. The pool must be up to date.
    pub fn add_income(&mut self, income: Amount) -> Result<(), Overflow> {
        self.pending = self.pending.checked_add(income)?;
        Ok(())
    }

    /// Settles `position` and gives it the weight of its stake. Returns what became income again.
    /// The pool must be up to date.
    ///
    /// What the position earned since its last settlement counts at the smaller of its own weight
    /// and the stake's weight up to now. The rest is income again. They differ only if the stake
    /// lost weight without settling the position, and the stake cannot gain weight without it. So
    /// nobody earns with weight that has left, and nobody else loses by it.
    pub fn settle_position(
        &mut self,
        position: &mut Position,
        stake: StakeWeight,
    ) -> Result<Amount, Overflow> {
        let mut returned = Amount::ZERO;
        if stake.until_now < position.weight {
            returned = position.settle_lighter(stake.until_now, self.index.acc)?;
            self.add_income(returned)?;
        }

        self.change_weight(position, stake.from_now)?;
        Ok(returned)
    }

    /// Settles `position` at its own weight, and gives it a new one. The pool must be up to date.
    pub fn change_weight(&mut self, position: &mut Position, weight: u64) -> Result<(), Overflow> {
        position.settle_to(self.index.acc)?;

        let others = self.total_weight.checked_sub(position.weight).ok_or(Overflow)?;
        self.total_weight = others.checked_add(weight).ok_or(Overflow)?;

        position.weight = weight;
        Ok(())
    }

    /// Returns the epoch of `moment`, and the seconds since that epoch began. Unsigned, because
    /// sBPF has no signed division; the cluster's clock does not go back before 1970.
    fn epoch_at(&self, moment: UnixTimestamp) -> Result<(u64, u64), Overflow> {
        let seconds = u64::try_from(moment.0).map_err(|_| Overflow)?;

        let epoch = seconds.checked_div(self.epoch_seconds).ok_or(Overflow)?;
        let offset = seconds.checked_rem(self.epoch_seconds).ok_or(Overflow)?;
        Ok((epoch, offset))
    }

    fn open_epoch(&mut self) {
        self.stream = self.pending;
        self.pending = Amount::ZERO;
    }

    /// Pays out the part of the stream that belongs to the seconds `from..to` of its epoch.
    fn pay_out(&mut self, from: u64, to: u64) -> Result<(), Overflow> {
        if self.stream == Amount::ZERO {
            return Ok(());
        }

        let paid = self.streamed_until(to)?.checked_sub(self.streamed_until(from)?)?;

        if self.total_weight == 0 {
            return self.add_income(paid);
        }

        self.index.distribute_income(paid, self.total_weight)
    }

    fn streamed_until(&self, seconds: u64) -> Result<Amount, Overflow> {
        mul_div_u64(self.stream.0, seconds, self.epoch_seconds).map(Amount)
    }
}

impl Position {
    /// Accrues the reward up to the index `acc`: `weight × (acc − paid_acc) / 2⁶⁴`, rounded down.
    pub fn settle_to(&mut self, acc: u128) -> Result<(), Overflow> {
        let earned = reward_of(self.weight, acc.wrapping_sub(self.paid_acc))?;
        self.accrued = self.accrued.checked_add(earned)?;

        self.paid_acc = acc;
        Ok(())
    }

    /// Settles as if the position had had only `weight`, which is less than its own. Returns the
    /// rest of what it earned, so that both parts together are what [`Self::settle_to`] accrues.
    fn settle_lighter(&mut self, weight: u64, acc: u128) -> Result<Amount, Overflow> {
        let mut lighter = Self { weight, ..*self };
        lighter.settle_to(acc)?;
        self.settle_to(acc)?;

        let forfeited = self.accrued.checked_sub(lighter.accrued)?;
        self.accrued = lighter.accrued;
        Ok(forfeited)
    }

    /// Takes the accrued reward and leaves zero.
    pub const fn take_accrued(&mut self) -> Amount {
        let accrued = self.accrued;
        self.accrued = Amount::ZERO;
        accrued
    }
}

/// Returns `weight × gained / 2⁶⁴`, rounded down.
fn reward_of(weight: u64, gained: u128) -> Result<Amount, Overflow> {
    let whole = u64::try_from(gained >> 64_u32).map_err(|_| Overflow)?;
    let fraction = gained & u128::from(u64::MAX);

    // Two factors of 64 bits: the product has 128.
    let part =
        u64::try_from(fraction.wrapping_mul(weight.into()) >> 64_u32).map_err(|_| Overflow)?;

    whole.checked_mul(weight).and_then(|whole| whole.checked_add(part)).map(Amount).ok_or(Overflow)
}

#[cfg(test)]
mod tests;
