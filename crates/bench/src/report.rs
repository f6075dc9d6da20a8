//! All that a demo found out, as it is written to `demo.json`. Amounts are base units of NOS unless
//! said otherwise.

#[cfg(test)]
pub(crate) mod sample;

use std::path::PathBuf;

use nosana_client::Receipt;
use nosana_engine::HardwareCommitment;
use serde::Serialize;

use crate::{
    books::Books,
    checks::{self, Check},
    compute::{self, ComputeRow},
    stages::{Direction, Marks, Stage},
};

/// The version of the report's format.
pub const REPORT_VERSION: &str = "nosana-demo/1";

/// A demo, seen to its end.
#[derive(Clone, Debug, Serialize)]
pub struct DemoReport {
    /// [`REPORT_VERSION`].
    pub version: &'static str,
    /// When it ended, in milliseconds since 1970 by this machine's clock.
    pub unix_ms: u64,
    /// What it was run with.
    pub setting: Setting,
    /// The jobs, in the order of their listing.
    pub jobs: Vec<JobReport>,
    /// Transactions that belong to no single job.
    pub other_transactions: Vec<Transaction>,
    /// Compute units by instruction.
    pub compute: Vec<ComputeRow>,
    /// Who held how much NOS.
    pub books: Books,
    /// What became of the fees.
    pub rewards: Rewards,
    /// A job that was computed again without the marketplace.
    pub recomputed: Recomputed,
    /// What had to hold.
    pub checks: Vec<Check>,
    /// What went wrong on the way, and was tried again. No money depends on it: the checks say so.
    pub problems: Vec<String>,
    /// Seconds that each part of the demo took.
    pub timings: Vec<(String, f64)>,
    /// The page that shows all this.
    #[serde(skip)]
    pub page: PathBuf,
}

/// What a demo was run with.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// Milliseconds between two blocks.
    pub slot_ms: u64,
    /// What the market pays for a second of work.
    pub price_per_second: u64,
    /// The network's fee on that, in basis points.
    pub network_fee_bps: u16,
    /// Length of a reward epoch.
    pub epoch_seconds: u64,
    /// The market's address.
    pub market: String,
    /// The mint of NOS.
    pub mint: String,
    /// The model that the jobs run.
    pub model: &'static str,
    /// The node's hardware, as it was measured.
    pub hardware: HardwareCommitment,
    /// The digest of that, which the chain holds.
    pub hardware_digest: String,
}

/// One job.
#[derive(Clone, Debug, Serialize)]
pub struct JobReport {
    /// Counted from 1.
    pub number: usize,
    /// Its account.
    pub address: String,
    /// How it met its node.
    pub direction: Direction,
    /// The texts that it embeds.
    pub inputs: Vec<String>,
    /// The content identifier of its definition.
    pub definition: String,
    /// The content identifier of its result.
    pub result: String,
    /// Its moments, in milliseconds since the first job was sent.
    pub marks: Marks,
    /// The same as stages.
    pub stages: [Stage; 5],
    /// Its moments by the chain's clock.
    pub chain: ChainTimes,
    /// Its money.
    pub money: Money,
    /// Its transactions, in order.
    pub transactions: Vec<Transaction>,
}

/// Unix seconds by the chain's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ChainTimes {
    /// Listed.
    pub listed: i64,
    /// Started: the pay clock begins.
    pub started: i64,
    /// The result is there: the pay clock ends.
    pub submitted: i64,
    /// All money is assigned.
    pub settled: i64,
    /// Seconds that are paid.
    pub paid_seconds: u64,
}

/// Where a job's deposit went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Money {
    /// What the client deposited.
    pub escrow: u64,
    /// What the node earned.
    pub node: u64,
    /// What the client got back.
    pub refund: u64,
    /// What the network's fee was.
    pub network: u64,
}

/// One transaction that landed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Transaction {
    /// Its instruction.
    pub instruction: String,
    /// Its signature.
    pub signature: String,
    /// The slot of its block.
    pub slot: u64,
    /// Compute units that it used.
    pub compute_units: u64,
    /// What it cost, in lamports, rent not included.
    pub fee_lamports: u64,
    /// From the call to the confirmation, simulation included.
    pub latency_ms: u64,
}

/// What became of the fees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rewards {
    /// Swept from the market to the pool.
    pub swept: u64,
    /// Seconds by which time was moved forward.
    pub traveled_seconds: u64,
    /// What the protocol's rules say that the staker can claim.
    pub predicted: u64,
    /// What the staker claimed.
    pub claimed: u64,
}

/// A job that was computed again without the marketplace.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Recomputed {
    /// The job's number.
    pub job: usize,
    /// Vectors that were compared.
    pub vectors: usize,
    /// The largest difference of any two components.
    pub max_difference: f64,
    /// The most that honest GPUs may differ by.
    pub bound: f64,
    /// Seconds that it took, loading the model included.
    pub seconds: f64,
}

impl Transaction {
    /// A transaction by its receipt.
    pub fn new(instruction: &str, receipt: &Receipt) -> Self {
        Self {
            instruction: instruction.to_owned(),
            signature: receipt.signature.to_string(),
            slot: receipt.slot,
            compute_units: receipt.compute_units,
            fee_lamports: receipt.fee_lamports,
            latency_ms: u64::try_from(receipt.latency.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl JobReport {
    /// Compute units of one of its instructions, over all its transactions; none if there was no
    /// such transaction.
    pub fn compute_units(&self, instruction: &str) -> Option<u64> {
        let units =
            self.transactions.iter().filter(|transaction| transaction.instruction == instruction);
        units.map(|transaction| transaction.compute_units).reduce(|a, b| a.saturating_add(b))
    }

    /// Lamports that all its transactions cost.
    pub fn fee_lamports(&self) -> u64 {
        self.transactions.iter().map(|transaction| transaction.fee_lamports).sum()
    }
}

impl DemoReport {
    /// What does not add up, one a line; nothing if all does.
    pub fn failures(&self) -> Option<String> {
        checks::failures(&self.checks)
    }

    /// What nodes earned, and what the network did.
    pub fn paid(&self) -> (u64, u64) {
        let sum = |part: fn(&Money) -> u64| self.jobs.iter().map(|job| part(&job.money)).sum();
        (sum(|money| money.node), sum(|money| money.network))
    }

    /// The middle job's milliseconds from its client's transaction to the settlement.
    pub fn median_total_ms(&self) -> u64 {
        compute::median(self.jobs.iter().map(|job| job.marks.total_ms()).collect())
    }
}
