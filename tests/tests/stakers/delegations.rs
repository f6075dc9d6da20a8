//! The rules of delegations: written from their description, with shares as plain fractions.

use nosana_client::staking::Error::{
    AlreadyUndelegated, AlreadyUnstaked, AmountTooSmall, CommissionOutOfRange, CommissionTooHigh,
    CooldownRuns, DelegationNotEmpty, NoPosition, NotAccepting, NotDelegator, NotUndelegated,
    NothingToClaim, NothingToWithdraw, Overflow, Paused, WorthlessShares, WrongAccount,
};
use nosana_tests::terms::NOS;

use crate::{
    delegated::{Delegation, fraction},
    exact::UNIT,
    model::{Model, Outcome, Rejection, Stake},
    stakes::{DAY, released},
};

impl Model {
    fn node_stake(&mut self, to: usize) -> Result<&mut Stake, Rejection> {
        self.stakers[to].stake.as_mut().ok_or(Rejection::Missing)
    }

    fn delegation(&self, who: usize, to: usize) -> Result<Delegation, Rejection> {
        self.delegations.get(&(who, to)).copied().ok_or(Rejection::Missing)
    }

    pub fn enter_delegated(&mut self, to: usize) -> Outcome {
        let stake = self.stakers[to].stake.ok_or(Rejection::Unread)?;
        if self.positions_of_nodes[to].is_some() {
            return Err(Rejection::Exists);
        }
        self.open_for_rewards()?;
        self.bring_up_to_date();
        let position =
            self.pool.open(stake.given.weight).ok_or(nosana_client::rewards::Error::Overflow)?;
        self.positions_of_nodes[to] = Some(position);
        Ok(())
    }

    pub fn set_delegation(&mut self, to: usize, accepting: bool, bps: u16) -> Outcome {
        let entered = self.positions_of_nodes[to].is_some();
        let stake = self.node_stake(to)?;
        if bps > 10_000 {
            return Err(CommissionOutOfRange.into());
        }
        if accepting && stake.unstaked_at != 0 {
            return Err(AlreadyUnstaked.into());
        }
        if accepting && !entered {
            return Err(NoPosition.into());
        }
        if stake.given.shares == 0 {
            stake.given.duration = stake.duration;
        }
        (stake.given.offered, stake.given.accepting, stake.given.bps) = (true, accepting, bps);
        Ok(())
    }

    pub fn open_delegation(&mut self, who: usize, to: usize) -> Outcome {
        self.node_stake(to)?;
        if self.delegations.contains_key(&(who, to)) {
            return Err(Rejection::Exists);
        }
        if !self.node_stake(to)?.given.accepting {
            return Err(NotAccepting.into());
        }
        self.node_stake(to)?.given.count += 1;
        self.delegations.insert((who, to), Delegation::default());
        Ok(())
    }

    /// Settles the position of a node's delegations, whose weight was `until_now`, gives it their
    /// weight, and spreads what it had earned over the `earning` shares.
    fn harvest(&mut self, to: usize, earning: u64, until_now: u64) -> Outcome {
        self.settle_delegated(to, until_now)?;
        let position = self.positions_of_nodes[to].as_mut().ok_or(Rejection::Missing)?;
        let income = std::mem::take(&mut position.accrued);
        position.claimed += income;
        self.claimed += income;
        self.harvested += income;
        let given = &mut self.node_stake(to)?.given;
        if earning == 0 {
            given.commission += income;
            return Ok(());
        }
        let scaled = u128::from(income) * UNIT + u128::from(given.remainder);
        given.acc += scaled / u128::from(earning);
        given.remainder = u64::try_from(scaled % u128::from(earning)).expect("below the shares");
        for ((_, node), one) in &mut self.delegations {
            if *node == to && one.undelegated_at == 0 {
                one.exact.add_share(income, one.shares, earning);
                one.rounded += 1;
            }
        }
        Ok(())
    }

    /// What a delegation has earned becomes its own, and the node's.
    fn settle_delegation(&mut self, one: &mut Delegation, to: usize) -> Outcome {
        let given = &mut self.node_stake(to)?.given;
        let gained = given.acc - one.paid_acc;
        let shares = if one.undelegated_at == 0 { u128::from(one.shares) } else { 0 };
        let gross = u64::try_from(gained / UNIT * shares + (gained % UNIT) * shares / UNIT)
            .expect("below the supply");
        let commission = fraction(gross, one.bps.into(), 10_000).expect("a part of it");
        given.commission += commission;
        one.accrued += gross - commission;
        one.paid_acc = given.acc;
        one.gross += gross;
        one.rounded += 1;
        Ok(())
    }

    pub fn delegate(&mut self, who: usize, to: usize, amount: u64, max_bps: u16) -> Outcome {
        let one = self.delegation(who, to)?;
        let paused = self.paused[0];
        let stake = *self.node_stake(to)?;
        if !stake.given.accepting {
            return Err(NotAccepting.into());
        }
        let refusals = [
            (paused, Paused),
            (amount < NOS, AmountTooSmall),
            (stake.unstaked_at != 0, AlreadyUnstaked),
            (stake.given.bps > max_bps, CommissionTooHigh),
            (one.undelegated_at != 0, AlreadyUndelegated),
            (stake.given.shares > 0 && stake.given.amount == 0, WorthlessShares),
        ];
        if let Some((_, refusal)) = refusals.into_iter().find(|(refused, _)| *refused) {
            return Err(refusal.into());
        }
        self.pay(who, amount)?;
        let given = &mut self.node_stake(to)?.given;
        let earning = given.earning;
        let until_now = given.weight;
        let bought = if given.shares == 0 {
            Some(amount)
        } else {
            fraction(amount, given.shares, given.amount)
        };
        let bought = bought.ok_or(Overflow)?;
        given.amount = given.amount.checked_add(amount).ok_or(Overflow)?;
        given.shares = given.shares.checked_add(bought).ok_or(Overflow)?;
        given.earning += bought;
        given.weigh()?;
        self.harvest(to, earning, until_now)?;
        let mut one = self.delegation(who, to)?;
        self.settle_delegation(&mut one, to)?;
        one.shares += bought;
        (one.bps, one.duration) = (stake.given.bps, stake.given.duration);
        self.delegations.insert((who, to), one);
        Ok(())
    }

    pub fn undelegate(&mut self, who: usize, to: usize, by_node: bool) -> Outcome {
        let one = self.delegation(who, to)?;
        let given = &mut self.node_stake(to)?.given;
        if !given.offered {
            return Err(WrongAccount.into());
        }
        if one.undelegated_at != 0 {
            return Err(AlreadyUndelegated.into());
        }
        if by_node && who != to && (one.shares == 0 || given.worth(one.shares) > 0) {
            return Err(NotDelegator.into());
        }
        let earning = given.earning;
        let until_now = given.weight;
        given.earning -= one.shares;
        given.weigh()?;
        self.harvest(to, earning, until_now)?;
        let mut one = self.delegation(who, to)?;
        self.settle_delegation(&mut one, to)?;
        one.undelegated_at = self.now;
        self.delegations.insert((who, to), one);
        Ok(())
    }

    /// The same, a day later, and without collecting: that stays with the others.
    pub fn undelegate_unsettled(&mut self, who: usize, to: usize) -> Outcome {
        let mut one = self.delegation(who, to)?;
        let given = &mut self.node_stake(to)?.given;
        if one.undelegated_at != 0 {
            return Err(AlreadyUndelegated.into());
        }
        given.earning -= one.shares;
        given.weigh()?;
        self.settle_delegation(&mut one, to)?;
        one.undelegated_at = self.now.checked_add_unsigned(DAY).expect("in range");
        self.delegations.insert((who, to), one);
        if let Some(position) = &mut self.positions_of_nodes[to] {
            position.stale = true;
        }
        Ok(())
    }

    pub fn withdraw_delegated(&mut self, who: usize, to: usize, by_node: bool) -> Outcome {
        let mut one = self.delegation(who, to)?;
        let now = self.now;
        if one.undelegated_at == 0 {
            return Err(NotUndelegated.into());
        }
        // One that was never filled has no cooldown, and nothing in it. One that was left unsettled
        // may begin its cooldown a day from now.
        let elapsed = (now - one.undelegated_at).max(0).unsigned_abs();
        if by_node && who != to && elapsed < one.duration {
            return Err(CooldownRuns.into());
        }
        let given = &mut self.node_stake(to)?.given;
        let whole = given.worth(one.shares) + one.withdrawn;
        let due =
            if elapsed >= one.duration { whole } else { released(whole, one.duration, elapsed) };
        let amount = due.saturating_sub(one.withdrawn);
        if amount == 0 {
            return Err(NothingToWithdraw.into());
        }
        let dust = given.sell(&mut one, amount);
        self.harvested += dust;
        self.stakers[who].balance += amount;
        self.delegations.insert((who, to), one);
        Ok(())
    }

    pub fn claim_delegated(&mut self, who: usize, to: usize) -> Outcome {
        let undelegated = self.delegation(who, to)?.undelegated_at != 0;
        let given = self.node_stake(to)?.given;
        if !given.offered {
            return Err(WrongAccount.into());
        }
        if !undelegated {
            if self.positions_of_nodes[to].is_none() {
                return Err(Rejection::Missing);
            }
            self.harvest(to, given.earning, given.weight)?;
        }
        let mut one = self.delegation(who, to)?;
        self.settle_delegation(&mut one, to)?;
        let amount = std::mem::take(&mut one.accrued);
        // What no share earned is commission, too: the last delegator may have left unsettled.
        if amount == 0 && self.node_stake(to)?.given.commission == given.commission {
            return Err(NothingToClaim.into());
        }
        self.harvested -= amount;
        self.stakers[who].balance += amount;
        self.delegations.insert((who, to), one);
        Ok(())
    }

    pub fn claim_commission(&mut self, to: usize) -> Outcome {
        let amount = std::mem::take(&mut self.node_stake(to)?.given.commission);
        if amount == 0 {
            return Err(NothingToClaim.into());
        }
        self.harvested -= amount;
        self.stakers[to].balance += amount;
        Ok(())
    }

    pub fn close_delegation(&mut self, who: usize, to: usize) -> Outcome {
        let mut one = self.delegation(who, to)?;
        let given = &mut self.node_stake(to)?.given;
        let idle = one.shares == 0 || one.undelegated_at != 0;
        if !idle || given.worth(one.shares) > 0 || one.accrued > 0 {
            return Err(DelegationNotEmpty.into());
        }
        let dust = given.sell(&mut one, 0);
        given.count -= 1;
        self.harvested += dust;
        self.delegations.remove(&(who, to));
        Ok(())
    }

    pub fn sync_delegated(&mut self, to: usize) -> Outcome {
        let until_now = self.given_weight(to);
        self.settle_delegated(to, until_now)
    }

    fn given_weight(&self, to: usize) -> u64 {
        self.stakers[to].stake.map_or(0, |stake| stake.given.weight)
    }

    /// Settles the position of a node's delegations, whose weight was `until_now`, with their new
    /// one.
    pub fn settle_delegated(&mut self, to: usize, until_now: u64) -> Outcome {
        self.positions_of_nodes[to].ok_or(Rejection::Missing)?;
        self.bring_up_to_date();
        let weight = self.given_weight(to);
        let position = self.positions_of_nodes[to].as_mut().ok_or(Rejection::Missing)?;
        self.pool
            .reweigh(position, until_now, weight)
            .ok_or(nosana_client::rewards::Error::Overflow)?;
        Ok(())
    }

    /// What a slash takes from those who delegated: the node's own loss in proportion, and never
    /// more than the node itself loses net.
    pub fn slash_delegated(&mut self, to: usize, own: u64, penalty: u64) -> Result<u64, Rejection> {
        let given = &mut self.node_stake(to)?.given;
        let proportion =
            fraction(given.amount.min(own), penalty, own).expect("at most the penalty");
        let lost = proportion.min(penalty - penalty / 10);
        given.amount -= lost;
        given.weigh()?;
        Ok(lost)
    }
}
