//! The profits of each kind of agent.

use serde::Serialize;

use super::kinds::Kind;
use crate::panels::Estimate;

/// Sums of profits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    entries: [Entry; Kind::ALL.len()],
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Entry {
    events: u32,
    sum: f64,
    squares: f64,
}

/// What a kind of agent earned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Earned {
    /// The kind.
    pub kind: Kind,
    /// Its jobs, seats or checks.
    pub events: u32,
    /// Its profit for each, as a part of the job's price.
    pub profit: Estimate,
    /// What it earned more than honest agents, unless it is one.
    pub gain: Option<Estimate>,
}

impl Ledger {
    /// Adds a profit of an agent.
    pub fn add_profit(&mut self, kind: Kind, profit: f64) {
        let entries = Kind::ALL.iter().zip(&mut self.entries);
        for (_, entry) in entries.filter(|(known, _)| **known == kind) {
            entry.events += 1;
            entry.sum += profit;
            entry.squares += profit * profit;
        }
    }

    /// Adds what other agents earned.
    pub fn add_ledger(&mut self, other: &Self) {
        for (entry, added) in self.entries.iter_mut().zip(&other.entries) {
            entry.events += added.events;
            entry.sum += added.sum;
            entry.squares += added.squares;
        }
    }

    /// Returns what each kind earned, compared with honest agents.
    pub fn list_earned(&self) -> Vec<Earned> {
        let pairs = Kind::ALL.into_iter().zip(&self.entries);
        let earned = |(kind, entry): (Kind, &Entry)| {
            let profit = entry.average();
            let gain = kind.honest().map(|honest| {
                let others = self.average_of(honest);
                let error = profit.error.hypot(others.error);
                Estimate { mean: profit.mean - others.mean, error }
            });
            Earned { kind, events: entry.events, profit, gain }
        };
        pairs.map(earned).collect()
    }

    fn average_of(&self, kind: Kind) -> Estimate {
        let mut pairs = Kind::ALL.iter().zip(&self.entries);
        let found = pairs.find(|(known, _)| **known == kind);
        found.map(|(_, entry)| entry.average()).unwrap_or_default()
    }
}

impl Entry {
    fn average(&self) -> Estimate {
        let events = f64::from(self.events.max(1));
        let mean = self.sum / events;
        let variance = (self.squares / events - mean * mean).max(0.0);

        Estimate { mean, error: (variance / events).sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_are_differences_of_averages() {
        let mut ledger = Ledger::default();
        for profit in [0.3, 0.5] {
            ledger.add_profit(Kind::HonestNode, profit);
        }
        let mut other = Ledger::default();
        other.add_profit(Kind::LazyNode, 1.0);
        ledger.add_ledger(&other);

        let earned = ledger.list_earned();
        let gain = earned.iter().find(|earned| earned.kind == Kind::LazyNode).unwrap().gain;
        assert!((gain.unwrap().mean - 0.6).abs() < 1e-12);
        assert!((gain.unwrap().error - 0.1 / 2.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(earned[0].events, 2);
    }
}
