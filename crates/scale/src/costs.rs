//! What the transactions of a job cost on the chain, and how many jobs fit into its blocks.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fault::Fault;

/// The figures of the suites `compute` and `throughput`, as the repository keeps them.
const BASELINE: &str = include_str!("../../../bench/baseline.json");

/// What the transactions of a job cost, in compute units of a block.
///
/// The six transactions of every job cost what the suite `throughput` measured, so that ceilings
/// are the same. The others cost what the suite `compute` measured: there another wallet than the
/// signer pays the fee, which adds a signature and a write lock, and the part for loaded accounts
/// is left out.
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
    /// If it lacks an instruction or a transaction.
    pub fn from_baseline() -> Result<Self, Fault> {
        let baseline: Value = serde_json::from_str(BASELINE)?;
        let read_charge = |transaction: &'static str| {
            let total = &baseline["blocks"][transaction]["total"];
            total.as_u64().ok_or(Fault::NoCharge(transaction))
        };
        let read_units = |label: &'static str| {
            baseline["figures"][label]["block_units"].as_u64().ok_or(Fault::NoCost(label))
        };

        Ok(Self {
            list: read_charge("list")?,
            work: read_charge("work")?,
            start: read_charge("start")?,
            heartbeat: read_units("jobs.heartbeat")?,
            finish: read_charge("finish")?,
            settle: read_charge("settle")?,
            clean: read_charge("clean")?,
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
    /// The constants of `agave` 4.2: `MAX_BLOCK_UNITS`, `MAX_WRITABLE_ACCOUNT_UNITS` and
    /// `DEFAULT_MS_PER_SLOT`. Votes, which take a part of each block, are left out, and so are the
    /// larger blocks of SIMD-0286. A test of `tests/tests/throughput` compares them.
    pub const AGAVE: Self =
        Self { block_units: 60_000_000, account_units: 24_000_000, slot_ms: 400 };

    /// Blocks without limits, after each of which the next one comes at once.
    pub const UNLIMITED: Self = Self { block_units: u64::MAX, account_units: u64::MAX, slot_ms: 1 };

    /// Returns the seconds between two blocks.
    pub const fn slot_seconds(&self) -> f64 {
        self.slot_ms as f64 / 1_000.0
    }

    /// Returns the number of whole jobs that one block with nothing else has room for, if they are
    /// spread over so many markets; `None` if jobs cost nothing.
    pub fn jobs_per_block(&self, costs: &Costs, markets: usize) -> Option<u64> {
        let of_block = self.block_units.checked_div(costs.job_units())?;
        let of_queue = self.account_units.checked_div(costs.queue_units())?;
        Some(of_block.min(of_queue.saturating_mul(markets as u64)))
    }

    /// Returns the number of such jobs in a second: the formula of
    /// `tests/tests/throughput/ceiling.rs`. Infinite if jobs cost nothing.
    pub fn find_ceiling(&self, costs: &Costs, markets: usize) -> f64 {
        let in_a_second = |jobs: u64| jobs as f64 * 1_000.0 / self.slot_ms as f64;
        self.jobs_per_block(costs, markets).map_or(f64::INFINITY, in_a_second)
    }
}
