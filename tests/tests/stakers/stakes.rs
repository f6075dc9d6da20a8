//! The rules of stakes.

use nosana_client::{
    jobs::Error::{NoFreeSlot, StakeTooSmall, TooEarly, WrongState},
    rewards,
    staking::Error::{
        AlreadyUnstaked, AmountTooSmall, DelegationsLeft, DurationOutOfRange,
        InsufficientCollateral, NoPosition, NotLonger, NotUnstaked, NothingToWithdraw, Overflow,
        Paused, StakeNotEmpty,
    },
};
use nosana_protocol::clocks::PENALTY_VALIDITY;
use nosana_tests::terms::NOS;

use crate::model::{Model, Outcome, Rejection, RestingSlot, Stake, TakenJob};

/// Days in seconds.
pub const DAY: u64 = 86_400;
/// The shortest and the longest cooldown.
pub const DURATIONS: (u64, u64) = (14 * DAY, 365 * DAY);
/// Collateral of a job, in base units.
pub const COLLATERAL: u64 = 10 * NOS;
/// What a node loses that does not start.
pub const PENALTY: u64 = 7 * NOS;
/// How long it may take to start, in seconds.
pub const START_SECONDS: u64 = 120;
/// Slots of a node.
const SLOTS: usize = 2;

/// `amount × (1 + duration / 10,512,000)`, the factor rounded down to 15 decimals and the product
/// to base units.
pub fn xnos(amount: u64, duration: u64) -> Option<u64> {
    const DECIMALS: u128 = 1_000_000_000_000_000;
    let factor = DECIMALS + u128::from(duration) * DECIMALS / 10_512_000;
    u64::try_from(u128::from(amount) * factor / DECIMALS).ok()
}

/// What a cooldown has released in all.
pub fn released(amount: u64, duration: u64, elapsed: u64) -> u64 {
    let part = u128::from(elapsed.min(duration));
    u64::try_from(u128::from(amount) * part / u128::from(duration)).expect("a part of it")
}

impl Stake {
    /// The owner may withdraw so much.
    pub fn withdrawable(&self, now: i64) -> u64 {
        // The cooldown may begin a day from now.
        let elapsed = (now - self.unstaked_at).max(0).unsigned_abs();
        let free = self.amount - self.withdrawn - self.locked;
        released(self.amount, self.duration, elapsed).saturating_sub(self.withdrawn).min(free)
    }

    fn staked(&self) -> Outcome {
        if self.unstaked_at == 0 { Ok(()) } else { Err(AlreadyUnstaked.into()) }
    }
}

impl Model {
    fn stake_of(&mut self, who: usize) -> Result<&mut Stake, Rejection> {
        self.stakers[who].stake.as_mut().ok_or(Rejection::Missing)
    }

    fn open_for_stakes(&self) -> Outcome {
        if self.paused[0] { Err(Paused.into()) } else { Ok(()) }
    }

    /// Gives the stake its weight, and the position the stake's.
    fn weigh(&mut self, who: usize) -> Outcome {
        let stake = self.stake_of(who)?;
        let until_now = stake.weight;
        stake.weight = if stake.unstaked_at == 0 {
            xnos(stake.amount, stake.duration).ok_or(Overflow)?
        } else {
            0
        };
        if self.stakers[who].position.is_some() { self.settle_own(who, until_now) } else { Ok(()) }
    }

    pub fn pay(&mut self, who: usize, amount: u64) -> Outcome {
        let balance = &mut self.stakers[who].balance;
        *balance = balance.checked_sub(amount).ok_or(Rejection::Tokens)?;
        Ok(())
    }

    pub fn stake(&mut self, who: usize, amount: u64, duration: u64) -> Outcome {
        if self.stakers[who].stake.is_some() {
            return Err(Rejection::Exists);
        }
        if duration < DURATIONS.0 || duration > DURATIONS.1 {
            return Err(DurationOutOfRange.into());
        }
        self.open_for_stakes()?;
        if amount < NOS {
            return Err(AmountTooSmall.into());
        }
        xnos(amount, duration).ok_or(Overflow)?;
        self.pay(who, amount)?;
        self.stakers[who].stake = Some(Stake { amount, duration, ..Stake::default() });
        self.weigh(who)
    }

    pub fn top_up(&mut self, who: usize, amount: u64) -> Outcome {
        let stake = *self.stake_of(who)?;
        self.open_for_stakes()?;
        if amount == 0 {
            return Err(AmountTooSmall.into());
        }
        if stake.unstaked_at != 0 && stake.amount == stake.withdrawn {
            if amount < NOS {
                return Err(AmountTooSmall.into());
            }
            let fresh = self.stake_of(who)?;
            (fresh.amount, fresh.withdrawn, fresh.unstaked_at) = (0, 0, 0);
        }

        let stake = *self.stake_of(who)?;
        stake.staked()?;
        let more = stake.amount.checked_add(amount).ok_or(Overflow)?;
        xnos(more, stake.duration).ok_or(Overflow)?;
        self.pay(who, amount)?;
        self.stake_of(who)?.amount = more;
        self.weigh(who)
    }

    pub fn extend(&mut self, who: usize, duration: u64) -> Outcome {
        let stake = *self.stake_of(who)?;
        self.open_for_stakes()?;
        stake.staked()?;
        if duration > DURATIONS.1 {
            return Err(DurationOutOfRange.into());
        }
        if duration <= stake.duration {
            return Err(NotLonger.into());
        }
        self.stake_of(who)?.duration = duration;
        self.weigh(who)
    }

    pub fn unstake(&mut self, who: usize) -> Outcome {
        let now = self.now;
        let stake = self.stake_of(who)?;
        stake.staked()?;
        stake.unstaked_at = now;
        self.weigh(who)
    }

    /// The same, a day later, and the position keeps its weight for now. What it earns with it, and
    /// has earned and not settled, is everybody's.
    pub fn unstake_unsettled(&mut self, who: usize) -> Outcome {
        let begin = self.now.checked_add_unsigned(DAY).expect("in range");
        let stake = self.stake_of(who)?;
        stake.staked()?;
        (stake.unstaked_at, stake.weight) = (begin, 0);
        if let Some(position) = &mut self.stakers[who].position {
            position.stale = true;
        }
        Ok(())
    }

    pub fn restake(&mut self, who: usize) -> Outcome {
        self.stake_of(who)?;
        self.open_for_stakes()?;
        let stake = self.stake_of(who)?;
        if stake.unstaked_at == 0 {
            return Err(NotUnstaked.into());
        }
        stake.amount -= stake.withdrawn;
        if stake.amount < NOS {
            return Err(AmountTooSmall.into());
        }
        (stake.withdrawn, stake.unstaked_at) = (0, 0);
        self.weigh(who)
    }

    pub fn withdraw(&mut self, who: usize) -> Outcome {
        let now = self.now;
        let stake = self.stake_of(who)?;
        if stake.unstaked_at == 0 {
            return Err(NotUnstaked.into());
        }
        let amount = stake.withdrawable(now);
        if amount == 0 {
            return Err(NothingToWithdraw.into());
        }
        stake.withdrawn += amount;
        self.stakers[who].balance += amount;
        Ok(())
    }

    pub fn close(&mut self, who: usize) -> Outcome {
        let stake = self.stake_of(who)?;
        if stake.unstaked_at == 0 {
            return Err(NotUnstaked.into());
        }
        if stake.amount != stake.withdrawn {
            return Err(StakeNotEmpty.into());
        }
        if stake.given.count > 0 || stake.given.commission > 0 {
            return Err(DelegationsLeft.into());
        }
        self.stakers[who].stake = None;
        Ok(())
    }

    pub fn compound(&mut self, who: usize) -> Outcome {
        self.stake_of(who)?;
        self.open_for_stakes()?;
        if self.stakers[who].position.is_none() {
            return Err(NoPosition.into());
        }
        let before = self.stakers[who].balance;
        self.claim(who)?;
        let earned = std::mem::replace(&mut self.stakers[who].balance, before) - before;
        let stake = self.stake_of(who)?;
        stake.staked()?;
        stake.amount = stake.amount.checked_add(earned).ok_or(Overflow)?;
        self.weigh(who)
    }

    pub fn take_job(&mut self, who: usize, job: u64) -> Outcome {
        let now = self.now;
        let used = self.used_slots(who);
        let stake = self.stake_of(who)?;
        // The market requires one NOS of weight, the node's own or delegated to it.
        if stake.unstaked_at != 0 || stake.weight + stake.given.weight < NOS {
            return Err(StakeTooSmall.into());
        }
        if used == SLOTS {
            return Err(NoFreeSlot.into());
        }
        if stake.amount - stake.withdrawn - stake.locked < COLLATERAL {
            return Err(InsufficientCollateral.into());
        }
        stake.locked += COLLATERAL;
        self.taken_jobs.insert(job, TakenJob { who, since: now });
        Ok(())
    }

    /// How many slots hold a job or rest.
    fn used_slots(&self, who: usize) -> usize {
        let taken = self.taken_jobs.values().filter(|job| job.who == who);
        let resting =
            self.resting_slots.iter().filter(|slot| slot.who == who && self.now <= slot.until);

        taken.count() + resting.count()
    }

    /// Whether the penalty for a job that was not started is still due.
    pub fn owes_penalty(&self, job: u64) -> bool {
        let late = (self.now - self.taken_jobs[&job].since).unsigned_abs();
        late <= START_SECONDS + PENALTY_VALIDITY.0
    }

    pub fn expire_match(&mut self, job: u64) -> Outcome {
        let TakenJob { who, since } = *self.taken_jobs.get(&job).ok_or(WrongState)?;
        if (self.now - since).unsigned_abs() <= START_SECONDS {
            return Err(TooEarly.into());
        }

        let owes_penalty = self.owes_penalty(job);
        self.taken_jobs.remove(&job);

        // The node held the job for longer than the start clock, which is the longest rest.
        let until = self.now.checked_add_unsigned(START_SECONDS).ok_or(Overflow)?;
        self.resting_slots.push(RestingSlot { who, until });

        let stake = self.stake_of(who)?;
        let own = stake.amount - stake.withdrawn;
        stake.locked -= COLLATERAL;
        if !owes_penalty {
            return Ok(());
        }

        stake.amount -= PENALTY;
        stake.slashed += PENALTY;
        self.weigh(who)?;

        let until_now = self.stake_of(who)?.given.weight;
        let delegated = self.slash_delegated(who, own, PENALTY)?;
        if self.positions_of_nodes[who].is_some() && self.stake_of(who)?.given.offered {
            self.settle_delegated(who, until_now)?;
        }

        // A tenth is the stranger's, who proves it. The rest is burnt.
        self.stranger += PENALTY / 10;
        self.burned += PENALTY - PENALTY / 10 + delegated;
        Ok(())
    }

    /// Income for the pool.
    pub fn earn(&mut self, amount: u64) -> Outcome {
        self.bring_up_to_date();
        self.pool.pending =
            self.pool.pending.checked_add(amount).ok_or(rewards::Error::Overflow)?;
        self.income += amount;
        Ok(())
    }
}
