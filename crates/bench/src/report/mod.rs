//! The results of a demo, as `demo.json` contains them. Amounts are base units of NOS unless the
//! name says otherwise.

pub mod job;
#[cfg(test)]
pub(crate) mod sample;
pub mod transaction;

use std::path::PathBuf;

use nosana_engine::HardwareCommitment;
use serde::Serialize;

use self::{
    job::{JobReport, Money},
    transaction::{Transaction, median},
};
use crate::{
    balances::BalanceSheet,
    checks::{self, Check},
    compute::ComputeRow,
};

/// The version of the report's format.
pub const REPORT_VERSION: &str = "nosana-demo/2";

/// The report of a finished demo.
#[derive(Clone, Debug, Serialize)]
pub struct DemoReport {
    /// [`REPORT_VERSION`].
    pub version: &'static str,
    /// The end of the demo, in unix milliseconds by this machine's clock.
    pub unix_ms: u64,
    /// The environment of the demo.
    pub setting: Setting,
    /// The jobs, in the order of their listing.
    pub jobs: Vec<JobReport>,
    /// Transactions that do not belong to a single job.
    pub other_transactions: Vec<Transaction>,
    /// Compute units by instruction.
    pub compute: Vec<ComputeRow>,
    /// Balances of NOS. Version 1 of the format calls them `books`.
    #[serde(rename = "books")]
    pub balances: BalanceSheet,
    /// The fees, and the stakers' share of them.
    pub rewards: Rewards,
    /// A job that was computed again without the market.
    pub recomputed: Recomputed,
    /// The checked claims.
    pub checks: Vec<Check>,
    /// Errors that were retried. No payment depends on them, as the checks show.
    pub problems: Vec<String>,
    /// Seconds that each part of the demo took.
    pub timings: Vec<(String, f64)>,
    /// The path of the HTML page.
    #[serde(skip)]
    pub page: PathBuf,
}

/// The environment of a demo.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// Milliseconds between two blocks.
    pub slot_ms: u64,
    /// The market's price for a second of work.
    pub price_per_second: u64,
    /// The network's fee on that price, in basis points.
    pub network_fee_bps: u16,
    /// Length of a reward epoch.
    pub epoch_seconds: u64,
    /// The market's address.
    pub market: String,
    /// The mint of NOS.
    pub mint: String,
    /// The models that the jobs run.
    pub models: Vec<&'static str>,
    /// The node's hardware, as measured.
    pub hardware: HardwareCommitment,
    /// The digest of the hardware commitment, which is stored on chain.
    pub hardware_digest: String,
}

/// The fees, and the stakers' share of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rewards {
    /// Base units swept from the market to the pool.
    pub swept: u64,
    /// Seconds by which the clock was advanced.
    pub traveled_seconds: u64,
    /// Base units that the staker can claim by the protocol's rules.
    pub predicted: u64,
    /// Base units that the staker claimed.
    pub claimed: u64,
}

/// A job that was computed again without the market.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Recomputed {
    /// The job's number.
    pub job: usize,
    /// The number of compared vectors.
    pub vectors: usize,
    /// Whether the answer has the same tokens.
    pub same_tokens: bool,
    /// The largest difference between two components.
    pub max_difference: f64,
    /// The largest difference that correct GPUs may have.
    pub bound: f64,
    /// Seconds that it took, loading the model included.
    pub seconds: f64,
}

impl DemoReport {
    /// Lists the failed checks, one per line; `None` if all hold.
    pub fn list_failures(&self) -> Option<String> {
        checks::list_failures(&self.checks)
    }

    /// Returns the base units that nodes and the network earned.
    pub fn sum_payments(&self) -> (u64, u64) {
        let sum = |part: fn(&Money) -> u64| self.jobs.iter().map(|job| part(&job.money)).sum();
        (sum(|money| money.node), sum(|money| money.network))
    }

    /// Returns the median of the jobs' milliseconds from listing to settlement.
    pub fn median_total_ms(&self) -> u64 {
        median(self.jobs.iter().map(|job| job.marks.total_ms()).collect())
    }
}
