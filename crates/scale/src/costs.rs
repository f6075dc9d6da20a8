//! What the transactions of a job cost on the chain, and how many jobs fit into its blocks.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fault::Fault;

/// The figures of the suite `compute`, as the repository keeps them.
const BASELINE: &str = include_str!("../../../bench/baseline.json");

/// What the transactions of a job cost, in compute units of a block.
///
/// In the suite `compute` another wallet than the signer pays the fee, which adds a signature and a
/// write lock, and the part for loaded accounts is left out. Both together make a job cost somewhat
/// more than in the suite `throughput`, so that ceilings are somewhat lower here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Costs {
    /// A client lists a job.
    pub list: u64,
    /// A node requests work.
    pub work: u64,
    /// A node starts a job.
    pub start: u64,
    /// A node proves that it is alive.
    pub heartbeat: u64,
    /// A node submits a result.
    pub finish: u64,
    /// Anyone settles a result whose challenge window is over.
    pub settle: u64,
    /// Anyone closes the account of a job.
    pub clean: u64,
    /// A node gives a running job back.
    pub quit: u64,
    /// Anyone ends a run whose heartbeat clock is over.
    pub expire_run: u64,
    /// Anyone ends a match whose start clock is over.
    pub expire_match: u64,
}

/// What a leader puts into one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockLimits {
    /// Compute units of all transactions.
    pub block_units: u64,
    /// Compute units of the transactions that write the same account.
    pub account_units: u64,
    /// Milliseconds between two blocks.
    pub slot_ms: u64,
}

impl Costs {
    /// Reads `bench/baseline.json`.
    ///
    /// # Errors
    /// If it lacks an instruction.
    pub fn from_baseline() -> Result<Self, Fault> {
        let baseline: Value = serde_json::from_str(BASELINE)?;
        let read_units = |label: &'static str| {
            baseline["figures"][label]["block_units"].as_u64().ok_or(Fault::NoCost(label))
        };

        Ok(Self {
            list: read_units("jobs.list")?,
            work: read_units("jobs.work, a job waits")?,
            start: read_units("jobs.start")?,
            heartbeat: read_units("jobs.heartbeat")?,
            finish: read_units("jobs.finish, to be settled")?,
            settle: read_units("jobs.settle")?,
            clean: read_units("jobs.clean")?,
            quit: read_units("jobs.quit")?,
            expire_run: read_units("jobs.expire_run")?,
            expire_match: read_units("jobs.expire_match")?,
        })
    }

    /// Nothing costs anything: the chain never fills up.
    pub const FREE: Self = Self {
        list: 0,
        work: 0,
        start: 0,
        heartbeat: 0,
        finish: 0,
        settle: 0,
        clean: 0,
        quit: 0,
        expire_run: 0,
        expire_match: 0,
    };

    /// Returns the units that a job with no heartbeat and no failure is charged on its market's
    /// queue. `start` and `clean` do not write it.
    pub const fn queue_units(&self) -> u64 {
        self.list + self.work + self.finish + self.settle
    }

    /// Returns the units of all transactions of a job with no heartbeat and no failure.
    pub const fn job_units(&self) -> u64 {
        self.queue_units() + self.start + self.clean
    }
}

impl BlockLimits {
    /// Those of mainnet, as `agave` 4.2 has them: `MAX_BLOCK_UNITS`, `MAX_WRITABLE_ACCOUNT_UNITS`
    /// and `DEFAULT_MS_PER_SLOT`. A test of `tests/tests/throughput` compares them.
    pub const MAINNET: Self =
        Self { block_units: 60_000_000, account_units: 24_000_000, slot_ms: 400 };

    /// Blocks without limits, after each of which the next one comes at once.
    pub const UNLIMITED: Self = Self { block_units: u64::MAX, account_units: u64::MAX, slot_ms: 1 };

    /// Returns the number of whole jobs in a second that blocks with nothing else have room for, if
    /// they are spread over so many markets: the formula of `tests/tests/throughput/ceiling.rs`.
    /// Infinite if jobs cost nothing.
    pub fn find_ceiling(&self, costs: &Costs, markets: usize) -> f64 {
        if costs.queue_units() == 0 {
            return f64::INFINITY;
        }

        let of_block = self.block_units / costs.job_units();
        let of_queues = (self.account_units / costs.queue_units()).saturating_mul(markets as u64);
        of_block.min(of_queues) as f64 * 1_000.0 / self.slot_ms as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_bounds_one_market_and_the_block_bounds_many() {
        let costs = Costs { list: 10, work: 5, finish: 3, settle: 2, start: 4, ..Costs::FREE };
        let limits = BlockLimits { block_units: 240, account_units: 100, slot_ms: 400 };
        assert_eq!((costs.queue_units(), costs.job_units()), (20, 24));
        // Five jobs fit onto one queue, ten into the block.
        assert_eq!(limits.find_ceiling(&costs, 1), 12.5);
        assert_eq!(limits.find_ceiling(&costs, 2), 25.0);
        assert_eq!(limits.find_ceiling(&costs, 16), 25.0);
        assert!(limits.find_ceiling(&Costs::FREE, 1).is_infinite());
    }

    #[test]
    fn the_baseline_has_every_instruction() {
        let costs = Costs::from_baseline().unwrap();
        assert!(costs.list > costs.start && costs.start > costs.heartbeat, "{costs:?}");
        let [one, many] = [1, 16].map(|markets| BlockLimits::MAINNET.find_ceiling(&costs, markets));
        assert!(one > 0.0 && many > one && many < 16.0 * one, "{one} and {many}");
    }
}
