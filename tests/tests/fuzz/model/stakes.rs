//! The nodes' stakes.

use nosana_client::staking::Error;
use nosana_protocol::{
    units::{Amount, Seconds, UnixTimestamp},
    xnos,
};
use nosana_tests::terms::NOS;

use super::{Model, Outcome, Rejection, Stake, ensure};
use crate::actors::{COOLDOWN, owner_of};

impl Stake {
    /// A new one.
    pub fn new(amount: u64) -> Self {
        let mut stake = Self {
            amount,
            withdrawn: 0,
            locked: 0,
            xnos: 0,
            duration: COOLDOWN,
            unstaked_at: 0,
            slashed: 0,
        };
        stake.weigh();
        stake
    }

    fn weigh(&mut self) {
        let weight =
            xnos::stake_weight(Amount(self.amount), Seconds(self.duration)).expect("in range");
        self.xnos = if self.unstaked_at == 0 { weight.0 } else { 0 };
    }
}

impl Model {
    /// Locks collateral.
    fn lock(&mut self, node: usize, amount: u64) -> Outcome {
        if amount > 0 {
            let stake = self.stakes[node].as_mut().ok_or(Rejection::Below)?;
            ensure(stake.unstaked_at == 0, Error::AlreadyUnstaked)?;
            ensure(
                amount <= stake.amount - stake.withdrawn - stake.locked,
                Error::InsufficientCollateral,
            )?;
            stake.locked += amount;
        }
        Ok(())
    }

    /// Uses collateral for a slot or a seat: what is idle first. Locks the rest.
    pub fn use_collateral(&mut self, node: usize, needed: u64) -> Outcome {
        let idle = self.nodes[node].idle;
        let used = idle.min(needed);
        self.lock(node, needed - used)?;
        self.nodes[node].idle = idle - used;
        Ok(())
    }

    /// Keeps collateral that a slot, a result or a seat has used: it stays locked.
    pub fn keep_collateral(&mut self, node: usize, amount: u64) {
        self.nodes[node].idle += amount;
    }

    /// Releases all collateral of the node that is idle.
    pub fn release_collateral(&mut self, node: usize, by: usize) -> Outcome {
        self.owns(node, by)?;
        let idle = std::mem::take(&mut self.nodes[node].idle);
        self.release(node, idle);
        Ok(())
    }

    /// Releases collateral.
    fn release(&mut self, node: usize, amount: u64) {
        if amount > 0 {
            let stake = self.stakes[node].as_mut().expect("locked collateral keeps a stake open");
            stake.locked = stake.locked.checked_sub(amount).expect("it was locked");
        }
    }

    /// Takes collateral, and burns it.
    pub fn slash(&mut self, node: usize, amount: u64) {
        if amount > 0 {
            self.release(node, amount);
            let stake = self.stakes[node].as_mut().expect("locked collateral keeps a stake open");
            stake.amount -= amount;
            stake.slashed += amount;
            stake.weigh();
            self.burned += amount;
        }
    }

    /// Opens a stake.
    pub fn stake(&mut self, node: usize, amount: u64) -> Outcome {
        ensure(self.stakes[node].is_none(), Rejection::Below)?;
        ensure(amount >= NOS, Error::AmountTooSmall)?;
        self.take(owner_of(node), amount)?;
        self.stakes[node] = Some(Stake::new(amount));
        Ok(())
    }

    /// Begins the cooldown.
    pub fn unstake(&mut self, node: usize, by: usize) -> Outcome {
        let now = self.now;
        let stake = self.stakes[node].as_mut().ok_or(Rejection::Below)?;
        ensure(by == owner_of(node), Error::NotOwner)?;
        ensure(stake.unstaked_at == 0, Error::AlreadyUnstaked)?;

        stake.unstaked_at = now;
        stake.weigh();
        Ok(())
    }

    /// Takes what the cooldown has released.
    pub fn withdraw(&mut self, node: usize) -> Outcome {
        let now = UnixTimestamp(self.now);
        let stake = self.stakes[node].as_mut().ok_or(Rejection::Below)?;
        ensure(stake.unstaked_at != 0, Error::NotUnstaked)?;
        let elapsed = now.seconds_since(UnixTimestamp(stake.unstaked_at));
        let released =
            xnos::released_amount(Amount(stake.amount), Seconds(stake.duration), elapsed)
                .expect("in range");
        let due = xnos::withdrawable_amount(
            released,
            Amount(stake.withdrawn),
            Amount(stake.amount),
            Amount(stake.locked),
        );
        let due = due.expect("in range").0;
        ensure(due > 0, Error::NothingToWithdraw)?;
        stake.withdrawn += due;
        ensure(self.give(owner_of(node), due), Rejection::Below)
    }

    /// Closes an empty stake.
    pub fn close_stake(&mut self, node: usize) -> Outcome {
        let stake = self.stakes[node].ok_or(Rejection::Below)?;
        ensure(stake.unstaked_at != 0, Error::NotUnstaked)?;
        ensure(stake.amount == stake.withdrawn, Error::StakeNotEmpty)?;

        self.stakes[node] = None;
        Ok(())
    }
}
