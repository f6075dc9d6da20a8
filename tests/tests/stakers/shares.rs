//! The rules of positions, income and streams.

use nosana_client::rewards::Error::{
    NoWeight, NotCancellable, NothingArrived, NothingDue, NothingToClaim, Overflow, Paused,
    StreamOutOfRange, StreamRuns, WrongStake, ZeroAmount,
};

use crate::{
    model::{Model, Outcome, Rejection, Stream},
    stakes::DAY,
};

/// The longest stream.
pub const LONGEST_STREAM: u64 = 10 * 366 * DAY;

impl Stream {
    /// What of it has fallen due.
    pub fn due(&self, now: i64) -> u64 {
        if now <= self.start {
            return 0;
        }
        let elapsed = (now.min(self.end) - self.start).unsigned_abs();
        let length = (self.end - self.start).unsigned_abs();
        u64::try_from(u128::from(self.amount) * u128::from(elapsed) / u128::from(length))
            .expect("a part of it")
    }
}

impl Model {
    /// Advances the pool.
    pub fn bring_up_to_date(&mut self) {
        let own = self.stakers.iter_mut().filter_map(|staker| staker.position.as_mut());
        self.pool.advance(self.now, own.chain(self.positions_of_nodes.iter_mut().flatten()));
    }

    pub fn open_for_rewards(&self) -> Outcome {
        if self.paused[1] { Err(Paused.into()) } else { Ok(()) }
    }

    pub fn enter(&mut self, who: usize) -> Outcome {
        let staker = self.stakers[who];
        let stake = staker.stake.ok_or(Rejection::Unread)?;
        if staker.position.is_some() {
            return Err(Rejection::Exists);
        }
        self.open_for_rewards()?;
        if stake.weight == 0 {
            return Err(NoWeight.into());
        }
        self.bring_up_to_date();
        self.stakers[who].position = Some(self.pool.open(stake.weight).ok_or(Overflow)?);
        Ok(())
    }

    /// Settles the position of `who` with the stake of `other`.
    pub fn sync(&mut self, who: usize, other: usize) -> Outcome {
        self.stakers[who].position.ok_or(Rejection::Missing)?;
        if who != other {
            return Err(WrongStake.into());
        }
        self.settle_own(who, self.own_weight(who))
    }

    fn own_weight(&self, who: usize) -> u64 {
        self.stakers[who].stake.map_or(0, |stake| stake.weight)
    }

    /// Settles the position of `who`, whose stake had the weight `until_now`, with its new one.
    pub fn settle_own(&mut self, who: usize, until_now: u64) -> Outcome {
        self.bring_up_to_date();
        let weight = self.own_weight(who);
        let position = self.stakers[who].position.as_mut().ok_or(Rejection::Missing)?;
        self.pool.reweigh(position, until_now, weight).ok_or(Overflow)?;
        Ok(())
    }

    pub fn claim(&mut self, who: usize) -> Outcome {
        self.stakers[who].position.ok_or(Rejection::Missing)?;
        self.settle_own(who, self.own_weight(who))?;
        let position = self.stakers[who].position.as_mut().ok_or(Rejection::Missing)?;
        let amount = std::mem::take(&mut position.accrued);
        if amount == 0 {
            return Err(NothingToClaim.into());
        }
        position.claimed += amount;
        self.claimed += amount;
        self.stakers[who].balance += amount;
        Ok(())
    }

    pub fn exit(&mut self, who: usize) -> Outcome {
        self.stakers[who].position.ok_or(Rejection::Missing)?;
        self.bring_up_to_date();
        let weight = self.own_weight(who);
        let mut position = self.stakers[who].position.take().ok_or(Rejection::Missing)?;
        self.pool.reweigh(&mut position, weight, 0).ok_or(Overflow)?;
        self.claimed += position.accrued;
        self.stakers[who].balance += position.accrued;
        Ok(())
    }

    pub fn fund(&mut self, by: usize, amount: u64) -> Outcome {
        self.bring_up_to_date();
        self.pool.pending.checked_add(amount).ok_or(Overflow)?;
        self.accounted().checked_add(amount).ok_or(Overflow)?;
        self.sponsors[by] = self.sponsors[by].checked_sub(amount).ok_or(Rejection::Tokens)?;
        self.earn(amount)
    }

    /// What has arrived in the vault becomes income.
    pub fn count_income(&mut self) -> Outcome {
        let amount = std::mem::take(&mut self.arrived);
        if amount == 0 {
            return Err(NothingArrived.into());
        }
        self.earn(amount)
    }

    pub fn open_stream(&mut self, id: u64, stream: Stream) -> Outcome {
        if self.streams.contains_key(&id) {
            return Err(Rejection::Exists);
        }
        self.open_for_rewards()?;
        if stream.amount == 0 {
            return Err(ZeroAmount.into());
        }
        let length = (stream.end - stream.start).unsigned_abs();
        if stream.start < self.now || length == 0 || length > LONGEST_STREAM {
            return Err(StreamOutOfRange.into());
        }
        self.accounted().checked_add(stream.amount).ok_or(Overflow)?;
        let balance = &mut self.sponsors[stream.owner];
        *balance = balance.checked_sub(stream.amount).ok_or(Rejection::Tokens)?;
        self.streams.insert(id, stream);
        Ok(())
    }

    /// What is due of a stream becomes income; how much that was.
    fn pour(&mut self, id: u64) -> Result<u64, Rejection> {
        let now = self.now;
        let stream = self.streams.get_mut(&id).ok_or(Rejection::Missing)?;
        let due = stream.due(now) - stream.dripped;
        stream.dripped += due;
        self.earn(due)?;
        Ok(due)
    }

    pub fn drip(&mut self, id: u64) -> Outcome {
        if self.pour(id)? == 0 { Err(NothingDue.into()) } else { Ok(()) }
    }

    pub fn close_stream(&mut self, id: u64, by: usize) -> Outcome {
        self.pour(id)?;
        let stream = self.streams.remove(&id).ok_or(Rejection::Missing)?;
        let rest = stream.amount - stream.dripped;
        if rest > 0 && by != stream.owner {
            return Err(StreamRuns.into());
        }
        if rest > 0 && !stream.cancellable {
            return Err(NotCancellable.into());
        }
        self.sponsors[stream.owner] += rest;
        Ok(())
    }
}
