//! A run of the real harness beside the simulated one.

use serde::{Deserialize, Serialize};

/// By how much a simulated figure may differ from the measured one.
pub const MAX_DIFFERENCE: f64 = 0.25;
/// By how many blocks a waiting time may differ in any case: so exact is the time of a transaction.
pub const MAX_BLOCKS: f64 = 2.0;

/// What was measured beside what was simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Jobs.
    pub jobs: usize,
    /// Seconds from the first `list` to the last settlement.
    pub makespan: Pair,
    /// Settled jobs in a second of that time.
    pub jobs_per_second: Pair,
    /// Median seconds from `list` to the start.
    pub median_wait: Pair,
    /// Seconds from `list` to the start that 95 % of the jobs wait at most.
    pub long_wait: Pair,
    /// Seconds by which a waiting time may differ in any case.
    pub tolerance_seconds: f64,
}

/// A measured figure, and the simulated one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// As measured.
    pub measured: f64,
    /// As simulated.
    pub simulated: f64,
}

impl Pair {
    /// Returns by how much the simulated figure differs, as a part of the measured one.
    pub fn difference(&self) -> f64 {
        (self.simulated / self.measured - 1.0).abs()
    }
}

impl Comparison {
    /// Returns the names of the figures for which the model is not close to the harness.
    pub fn list_far(&self) -> Vec<&'static str> {
        let is_close = |pair: &Pair| {
            let apart = (pair.simulated - pair.measured).abs();
            pair.difference() <= MAX_DIFFERENCE || apart <= self.tolerance_seconds
        };
        let waits = [("median wait", &self.median_wait), ("95 % wait", &self.long_wait)];
        let far = waits.into_iter().filter(|(_, pair)| !is_close(pair)).map(|(name, _)| name);
        let makespan = self.makespan.difference() > MAX_DIFFERENCE;
        makespan.then_some("time of the run").into_iter().chain(far).collect()
    }
}
