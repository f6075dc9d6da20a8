//! What a simulation measured.

use serde::Serialize;

use crate::{
    chain::ChainTotals,
    record::Record,
    scenario::Scenario,
    time::{Nanos, to_seconds},
};

/// What a simulation measured, in all markets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Seconds that were measured.
    pub seconds: f64,
    /// Jobs that clients listed.
    pub listed: u64,
    /// Those of them that were started in the simulated time.
    pub started: u64,
    /// Jobs with a result.
    pub finished: u64,
    /// Results in a second.
    pub jobs_per_second: f64,
    /// The waiting times of the jobs that were started.
    pub waits: WaitTimes,
    /// The part of their time in which slots compute.
    pub utilization: f64,
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
    /// The mean.
    pub mean: f64,
    /// What half of the jobs wait at most.
    pub median: f64,
    /// What 95 % of the jobs wait at most.
    pub p95: f64,
    /// What 99 % of the jobs wait at most.
    pub p99: f64,
}

/// What the chain carried.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ChainLoad {
    /// Units on the busiest queue, as a part of the limit of an account.
    pub account_share: f64,
    /// Units of all transactions, as a part of the limit of a block.
    pub block_share: f64,
    /// Transactions in a second.
    pub transactions_per_second: f64,
}

impl WaitTimes {
    /// Returns the statistics of these times, in seconds.
    pub fn of_times(mut times: Vec<f64>) -> Self {
        if times.is_empty() {
            return Self::default();
        }
        times.sort_unstable_by(f64::total_cmp);

        Self {
            mean: times.iter().sum::<f64>() / times.len() as f64,
            median: find_quantile(&times, 0.5),
            p95: find_quantile(&times, 0.95),
            p99: find_quantile(&times, 0.99),
        }
    }
}

/// Returns the smallest of the sorted times that at least this share of them does not exceed.
fn find_quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

impl ChainLoad {
    fn of_totals(totals: &ChainTotals, scenario: &Scenario, seconds: f64) -> Self {
        let limits = scenario.limits;
        let blocks = seconds * 1_000.0 / limits.slot_ms as f64;
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
        let seconds = scenario.seconds - scenario.warm_up_seconds;
        let sum = |part: fn(&Record) -> u64| records.iter().map(|record| part(record)).sum();
        let finished: u64 = sum(|record| record.finished);
        let returned: u64 = sum(|record| record.returned);
        let times: Vec<f64> = records.iter().flat_map(|record| &record.waits).copied().collect();
        let busy: f64 = records.iter().map(|record| record.busy_seconds()).sum();
        let slots = (scenario.slots() * scenario.markets) as f64;
        let last: Nanos = records.iter().map(|record| record.last_finish).max().unwrap_or_default();

        Self {
            seconds,
            listed: sum(|record| record.listed),
            started: times.len() as u64,
            finished,
            jobs_per_second: finished as f64 / seconds,
            waits: WaitTimes::of_times(times),
            utilization: busy / (slots * seconds),
            requeues_per_job: returned as f64 / finished.max(1) as f64,
            exhausted: sum(|record| record.exhausted),
            late_starts: sum(|record| record.late_starts),
            failures: sum(|record| record.failures),
            chain: ChainLoad::of_totals(totals, scenario, seconds),
            last_finish_seconds: to_seconds(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_times_that_were_measured() {
        let times: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        let expected = WaitTimes { mean: 100.5, median: 100.0, p95: 190.0, p99: 198.0 };
        assert_eq!(WaitTimes::of_times(times), expected);
        assert_eq!(WaitTimes::of_times(vec![3.0]).p99, 3.0);
        assert_eq!(WaitTimes::of_times(Vec::new()), WaitTimes::default());
    }
}
