//! One job of a demo: its times, its money and its transactions.

use nosana_job_spec::Generation;
use serde::Serialize;

use super::transaction::Transaction;
use crate::stages::{Direction, Marks, Stage};

/// One job.
#[derive(Clone, Debug, Serialize)]
pub struct JobReport {
    /// The job's number, counted from 1.
    pub number: usize,
    /// Its account.
    pub address: String,
    /// How it was matched with its node.
    pub direction: Direction,
    /// The texts that it embeds.
    pub inputs: Vec<String>,
    /// The question that it answers.
    pub question: String,
    /// The answer; `None` if it could not be read.
    pub answer: Option<Generation>,
    /// The content identifier of its definition.
    pub definition: String,
    /// The content identifier of its result.
    pub result: String,
    /// Its timestamps, in milliseconds since the first job was sent.
    pub marks: Marks,
    /// The stages between the timestamps.
    pub stages: [Stage; 5],
    /// Its timestamps by the cluster's clock.
    pub chain: ChainTimes,
    /// Its money.
    pub money: Money,
    /// Its transactions, in order.
    pub transactions: Vec<Transaction>,
}

/// Timestamps of a job in unix seconds, by the cluster's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ChainTimes {
    /// When the job was listed.
    pub listed: i64,
    /// When it was started: paid time begins.
    pub started: i64,
    /// When the result was submitted: paid time ends.
    pub submitted: i64,
    /// When it was settled.
    pub settled: i64,
    /// The paid seconds.
    pub paid_seconds: u64,
}

/// The split of a job's deposit, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Money {
    /// The client's deposit.
    pub escrow: u64,
    /// The node's pay.
    pub node: u64,
    /// The client's refund.
    pub refund: u64,
    /// The network's fee.
    pub network: u64,
}

impl JobReport {
    /// Returns the compute units of one instruction, summed over its transactions; `None` if there
    /// are none.
    pub fn compute_units(&self, instruction: &str) -> Option<u64> {
        let units =
            self.transactions.iter().filter(|transaction| transaction.instruction == instruction);
        units.map(|transaction| transaction.compute_units).reduce(|a, b| a.saturating_add(b))
    }

    /// Returns the fees of all transactions, in lamports.
    pub fn fee_lamports(&self) -> u64 {
        self.transactions.iter().map(|transaction| transaction.fee_lamports).sum()
    }
}
