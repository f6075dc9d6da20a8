//! What a simulation measured.

use serde::Serialize;

use crate::{
    chain::ChainTotals,
    record::Record,
    scenario::Scenario,
    time::{Nanos, to_seconds},
};

/// What a simulation measured, in all markets.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// Seconds that were measured.
    pub seconds: f64,
    /// Jobs that clients listed.
    pub listed: u64,
    /// Those of them that were started, in the measured time or soon after it.
    pub started: u64,
    /// Those of them that were not started.
    pub unstarted: u64,
    /// By how many jobs the queues, with the transactions on their way to them, grew.
    pub backlog_growth: i64,
    /// Jobs with a result.
    pub finished: u64,
    /// Results in a second.
    pub jobs_per_second: f64,
    /// The waiting times of the listed jobs; `None` if so many were not started that they are not
    /// known.
    pub waits: Option<WaitTimes>,
    /// The part of their time in which slots compute.
    pub utilization: f64,
    /// Jobs that returned to the queue.
    pub returned: u64,
    /// How often a job returned to the queue, for each result.
    pub requeues_per_job: f64,
    /// Jobs that were tried too often.
    pub exhausted: u64,
    /// Matches that ended because the node did not start.
    pub late_starts: u64,
    /// Failures of nodes.
    pub failures: u64,
    /// What the chain carried.
    pub chain: ChainLoad,
    /// Seconds from the begin to the last result.
    pub last_finish_seconds: f64,
}

/// Seconds from the client's `list` to the first start of the job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct WaitTimes {
    /// The mean of the jobs that were started.
    pub mean: f64,
    /// What half of the jobs wait at most.
    pub median: f64,
    /// What 95 % of the jobs wait at most.
    pub p95: f64,
    /// What 99 % of the jobs wait at most.
    pub p99: f64,
}

/// What the chain carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ChainLoad {
    /// Units on the busiest queue, as a part of the limit of an account.
    pub account_share: f64,
    /// Units of all transactions, as a part of the limit of a block.
    pub block_share: f64,
    /// Transactions in a second.
    pub transactions_per_second: f64,
}

impl WaitTimes {
    /// Returns the statistics of these times, in seconds. Jobs that were not started wait longer
    /// than all others: `None` if they are among the 99 %, or if there is not one time.
    pub fn of_times(mut times: Vec<f64>, unstarted: u64) -> Option<Self> {
        times.sort_unstable_by(f64::total_cmp);
        let total = times.len() + unstarted as usize;
        let quantile = |share: f64| {
            let rank = ((share * total as f64).ceil() as usize).max(1);
            times.get(rank - 1).copied()
        };

        Some(Self {
            p99: quantile(0.99)?,
            p95: quantile(0.95)?,
            median: quantile(0.5)?,
            mean: times.iter().sum::<f64>() / times.len() as f64,
        })
    }
}

impl ChainLoad {
    fn of_totals(totals: &ChainTotals, scenario: &Scenario, seconds: f64) -> Self {
        let limits = scenario.limits;
        let blocks = (seconds * 1_000.0 / limits.slot_ms as f64).round();
        let busiest = totals.on_queues.iter().max().copied().unwrap_or_default();

        Self {
            account_share: busiest as f64 / (limits.account_units as f64 * blocks),
            block_share: totals.units as f64 / (limits.block_units as f64 * blocks),
            transactions_per_second: totals.transactions as f64 / seconds,
        }
    }
}

impl Outcome {
    /// Sums what was recorded in all markets.
    pub fn of_records(scenario: &Scenario, records: &[&Record], totals: &ChainTotals) -> Self {
        let (from, to) = scenario.window();
        let seconds = to_seconds(to - from);
        let sum = |part: fn(&Record) -> u64| records.iter().map(|record| part(record)).sum();
        let [listed, begun]: [u64; 2] = [sum(|record| record.listed), sum(|record| record.begun)];
        let unstarted: u64 = sum(Record::count_unstarted);
        let finished: u64 = sum(|record| record.finished);
        let returned: u64 = sum(|record| record.returned);

        let times: Vec<f64> = records.iter().flat_map(|record| &record.waits).copied().collect();
        let busy: f64 = records.iter().map(|record| record.busy_seconds()).sum();
        let last: Nanos = records.iter().map(|record| record.last_finish).max().unwrap_or_default();
        Self {
            seconds,
            listed,
            started: times.len() as u64,
            unstarted,
            backlog_growth: listed.cast_signed() - begun.cast_signed(),
            finished,
            jobs_per_second: finished as f64 / seconds,
            waits: WaitTimes::of_times(times, unstarted),
            utilization: busy / (scenario.slots() as f64 * seconds),
            returned,
            requeues_per_job: returned as f64 / finished.max(1) as f64,
            exhausted: sum(|record| record.exhausted),
            late_starts: sum(|record| record.late_starts),
            failures: sum(|record| record.failures),
            chain: ChainLoad::of_totals(totals, scenario, seconds),
            last_finish_seconds: to_seconds(last),
        }
    }
}
