//! The format of `throughput.json`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The file.
#[derive(Deserialize)]
pub struct ThroughputFile {
    /// The compiler of the programs.
    pub compiler: String,
    /// The transactions of a whole job, in order.
    pub transactions: Vec<TransactionRow>,
    /// Block units of all of them.
    pub job_units: u64,
    /// The fees of all of them, by the priority fee.
    pub job_fees: Vec<FeesRow>,
    /// The jobs that blocks have room for, by the number of markets.
    pub ceilings: Vec<CeilingRow>,
    /// The speed of the runtime.
    pub timings: TimingsRow,
    /// The speed of a bank.
    pub bank_runs: Vec<BankRunRow>,
}

/// What a leader charges for a transaction.
#[derive(Deserialize)]
pub struct TransactionRow {
    /// The instruction.
    pub instruction: String,
    /// Block units by their cause.
    pub parts: BTreeMap<String, u64>,
    /// Block units of all parts.
    pub total: u64,
    /// Block units that are set aside before it runs, if it requests no limit of its loaded bytes.
    pub reserved: u64,
    /// The same with the limit that the client requests.
    pub reserved_with_limit: u64,
}

/// The fees of a whole job, in lamports.
#[derive(Deserialize)]
pub struct FeesRow {
    /// The priority fee of a compute unit.
    pub micro_lamports_per_unit: u64,
    /// The fees of the signatures.
    pub signature_lamports: u64,
    /// The priority fees.
    pub priority_lamports: u64,
    /// All fees.
    pub lamports: u64,
}

/// The whole jobs that blocks have room for.
#[derive(Deserialize)]
pub struct CeilingRow {
    /// The number of markets.
    pub markets: u64,
    /// Whole jobs in a block.
    pub jobs_per_block: u64,
    /// Whole jobs in a second.
    pub jobs_per_second: f64,
    /// What is full first.
    pub bound: String,
}

/// The speed on this machine.
#[derive(Deserialize)]
pub struct TimingsRow {
    /// The number of jobs that were timed.
    pub jobs: u64,
    /// Whole jobs in a second.
    pub jobs_per_second: f64,
    /// Transactions in a second.
    pub transactions_per_second: f64,
}

/// The speed of a bank on this machine.
#[derive(Deserialize)]
pub struct BankRunRow {
    /// The number of threads.
    pub threads: u64,
    /// The number of markets that the jobs are in.
    pub markets: u64,
    /// The number of transactions.
    pub transactions: u64,
    /// Those that waited for a lock.
    pub delayed: u64,
    /// Transactions in a second.
    pub transactions_per_second: f64,
}
