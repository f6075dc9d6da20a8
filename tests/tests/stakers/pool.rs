//! What the reward pool should be: written from its description, second to second and epoch to
//! epoch, without the shortcuts of the program.
//!
//! Two accounts are kept of what positions earn. The index, rounded as documented, predicts every
//! byte. The exact shares have no index; they show how far its rounding is from the exact value.

use nosana_tests::terms::EPOCH;

use crate::exact::{Exact, UNIT};

/// A share of the pool.
#[derive(Clone, Copy, Debug, Default)]
pub struct Position {
    pub weight: u64,
    pub paid_acc: u128,
    pub accrued: u64,
    /// What it should have earned since it was opened, to a fraction of a base unit.
    pub exact: Exact,
    /// The same, at its last settlement.
    pub exact_then: Exact,
    /// What was taken out of it.
    pub claimed: u64,
    /// Settlements that rounded.
    pub settled: u64,
    /// See [`Pool::slack`], when it was opened.
    pub slack: u128,
    /// Whether the stake lost weight and the position has not been given it yet.
    pub stale: bool,
}

/// The pool.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    pub acc: u128,
    pub remainder: u64,
    pub total_weight: u64,
    pub updated: i64,
    pub pending: u64,
    pub stream: u64,
    /// How much the remainders of divisions can have moved from one weighting to the next, in 2⁻⁶⁴
    /// base units: each is below the total weight under which it was left.
    pub slack: u128,
    /// The total weight when something was last released.
    pub last_weight: u64,
    /// Settlements that rounded, of all positions there ever were.
    pub settled: u64,
    /// What positions did not get, since their stakes had lost weight unsettled.
    pub forfeited: u64,
}

impl Pool {
    /// Lets time pass until `now`, epoch by epoch.
    pub fn advance<'a>(&mut self, now: i64, positions: impl Iterator<Item = &'a mut Position>) {
        let mut positions: Vec<&mut Position> = positions.collect();
        while self.updated < now {
            let epoch = self.updated.unsigned_abs() / EPOCH;
            let from = self.updated.unsigned_abs() % EPOCH;
            let end = i64::try_from((epoch + 1) * EPOCH).expect("in range");
            let to = if now < end { now.unsigned_abs() % EPOCH } else { EPOCH };
            self.release(self.released(to) - self.released(from), &mut positions);
            self.updated = now.min(end);
            if self.updated == end {
                self.stream = std::mem::take(&mut self.pending);
                if now == end {
                    // Nothing of the new stream is released yet, but what was left of the last
                    // division is divided.
                    self.release(0, &mut positions);
                }
            }
        }
    }

    /// Base units of the running stream that are released `seconds` into its epoch: whole ones, in
    /// a straight line.
    pub fn released(&self, seconds: u64) -> u64 {
        u64::try_from(u128::from(self.stream) * u128::from(seconds) / u128::from(EPOCH))
            .expect("a part of it")
    }

    /// What of the stream is not released yet.
    pub fn unreleased(&self) -> u64 {
        self.stream - self.released(self.updated.unsigned_abs() % EPOCH)
    }

    fn release(&mut self, amount: u64, positions: &mut [&mut Position]) {
        // An amount of nothing still divides the remainder of the last time, if the weight has
        // become smaller since.
        if self.stream == 0 {
            return;
        }
        if self.total_weight == 0 {
            self.pending += amount;
            return;
        }
        for position in positions {
            position.exact.add_share(amount, position.weight, self.total_weight);
        }
        self.slack += u128::from(self.last_weight) + u128::from(self.total_weight);
        self.last_weight = self.total_weight;
        let total = u128::from(self.total_weight);
        let scaled = u128::from(amount) * UNIT + u128::from(self.remainder);
        self.acc += scaled / total;
        self.remainder = u64::try_from(scaled % total).expect("below the weight");
    }

    /// The index part of what a position has earned and not got yet, in whole base units.
    pub fn claimable(&self, position: &Position) -> u64 {
        let gained = self.acc - position.paid_acc;
        let weight = u128::from(position.weight);
        // In two halves, since the product has up to 192 bits.
        let low = (gained % UNIT) * weight / UNIT;
        position.accrued + u64::try_from(gained / UNIT * weight + low).expect("below the supply")
    }

    /// Settles a position whose stake had the weight `until_now`. If that is less than its own, it
    /// gets only that part of what it earned since its last settlement. The rest waits for the next
    /// epoch, for all.
    pub fn settle(&mut self, position: &mut Position, until_now: u64) {
        if position.paid_acc != self.acc && position.weight > 0 {
            position.settled += 1;
            self.settled += 1;
        }
        let all = self.claimable(position);
        let counted = Position { weight: position.weight.min(until_now), ..*position };
        position.accrued = self.claimable(&counted);
        position.paid_acc = self.acc;

        let forfeited = all - position.accrued;
        self.pending += forfeited;
        self.forfeited += forfeited;
        if counted.weight < position.weight {
            position.exact.keep_share(position.exact_then, counted.weight, position.weight);
        }
        position.exact_then = position.exact;
    }

    /// Settles a position whose stake had the weight `until_now`, and gives it another one. `None`
    /// if the sum of weights leaves its range.
    pub fn reweigh(&mut self, position: &mut Position, until_now: u64, weight: u64) -> Option<()> {
        self.settle(position, until_now);
        self.total_weight = (self.total_weight - position.weight).checked_add(weight)?;
        position.weight = weight;
        position.stale = false;
        Some(())
    }

    /// A new position.
    pub fn open(&mut self, weight: u64) -> Option<Position> {
        let slack = self.slack - u128::from(self.last_weight).min(self.slack);
        let mut position = Position { paid_acc: self.acc, slack, ..Position::default() };
        self.reweigh(&mut position, 0, weight)?;
        Some(position)
    }

    /// How far a position is from its exact share, in base units: by how much it has less, and
    /// whether it has more. An error if that is more than a base unit an interaction, or more than
    /// remainders can explain.
    pub fn check(&self, position: &Position) -> Result<(u64, bool), String> {
        let actual = u128::from(position.claimed + self.claimable(position)) * UNIT;
        let exact = position.exact;
        let slack = self.slack - position.slack;
        let dust = (u128::from(position.settled) + 1) * UNIT;
        if actual > exact.high + slack {
            return Err(format!(
                "{actual} / 2^64 base units are more than the exact share: {exact:?}, slack {slack}"
            ));
        }
        if actual + dust + slack <= exact.low {
            let settled = position.settled;
            return Err(format!(
                "{actual} / 2^64 base units are too few after {settled} settlements: {exact:?}"
            ));
        }
        let short = u64::try_from(exact.low.saturating_sub(actual) / UNIT).expect("dust");
        Ok((short, actual > exact.high))
    }
}
