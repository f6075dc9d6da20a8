//! A run of the real harness, simulated with its arrivals and its run times.
//!
//! From the record are: when each job was listed, how long it ran, when the node requested work for
//! the first time, and the median time from a match to the start. The model predicts how long jobs
//! wait for the node and for blocks, and so how long the whole run takes: that is compared.

use serde::Serialize;

use crate::{
    comparison::{Comparison, MAX_BLOCKS, Pair},
    costs::{BlockLimits, Costs},
    engine::simulate,
    fault::Fault,
    outcome::WaitTimes,
    scenario::{Begin, MarketClocks, Scenario},
    service::{Arrivals, ServiceTimes},
};

/// The shortest run, in seconds: the resolution of the harness.
const SHORTEST_RUN: f64 = 0.001;

/// A job that was measured. Times are seconds since the first job was sent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeasuredJob {
    /// Its client sends `list`.
    pub sent: f64,
    /// The node has the job.
    pub taken: f64,
    /// `start` is confirmed.
    pub started: f64,
    /// The node has run it.
    pub executed: f64,
    /// It is settled.
    pub settled: f64,
}

/// A run of the harness: jobs on one node in one market without a challenge window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Milliseconds between two blocks.
    pub slot_ms: u64,
    /// Jobs that the node ran at a time.
    pub slots: usize,
    /// The jobs.
    pub jobs: Vec<MeasuredJob>,
}

impl Measured {
    /// Returns the time from a match until the node sent `start`: the median from the match to the
    /// confirmed start, less the block in which it landed.
    pub fn find_reaction(&self) -> f64 {
        let times = self.jobs.iter().map(|job| job.started - job.taken).collect();
        let slot = self.slot_ms as f64 / 1_000.0;
        let median = WaitTimes::of_times(times, 0).map_or(0.0, |waits| waits.median);
        (median - slot).max(0.0)
    }

    /// Returns how long each job ran, in the order of their listings. Several tasks of the harness
    /// take the times, so that they may be out of order by milliseconds.
    pub fn list_runs(&self) -> Vec<f64> {
        self.jobs.iter().map(|job| (job.executed - job.started).max(SHORTEST_RUN)).collect()
    }

    fn build_scenario(&self) -> Result<Scenario, Fault> {
        let sent: Vec<f64> = self.jobs.iter().map(|job| job.sent).collect();
        let first_taken = self.jobs.iter().map(|job| job.taken).min_by(f64::total_cmp);
        let first_taken = first_taken.ok_or(Fault::Scenario("the run has no jobs"))?;
        let slot = self.slot_ms as f64 / 1_000.0;
        let runs = self.list_runs();
        let reaction = self.find_reaction();

        // Enough for one job after the other.
        let each = reaction + 10.0 * slot;
        let last = sent.iter().copied().fold(first_taken, f64::max);
        let seconds = last + runs.iter().sum::<f64>() + each * runs.len() as f64;
        Ok(Scenario {
            markets: 1,
            nodes: 1,
            slots_per_node: self.slots,
            arrivals: Arrivals::At(sent),
            service: ServiceTimes::InOrder(runs),
            // The market of the demo has no shortest run: `windowless_terms`.
            clocks: MarketClocks { min_run_seconds: 0.0, ..MarketClocks::DEFAULT },
            churn: None,
            reaction_seconds: reaction,
            costs: Costs::from_baseline()?,
            limits: BlockLimits { slot_ms: self.slot_ms, ..BlockLimits::AGAVE },
            // `work` waits for half a block on average.
            begin: Begin::Idle((first_taken - slot / 2.0).max(0.0)),
            seconds,
            warm_up_seconds: 0.0,
            drain_seconds: 0.0,
            seed: 0,
        })
    }
}

/// Simulates a run again, and compares.
///
/// # Errors
/// If the run has no jobs, or they have no run times.
pub fn replay_run(measured: &Measured) -> Result<Comparison, Fault> {
    let mut measured = measured.clone();
    measured.jobs.sort_by(|one, other| one.sent.total_cmp(&other.sent));
    let outcome = simulate(&measured.build_scenario()?)?;
    if outcome.finished != measured.jobs.len() as u64 {
        return Err(Fault::Scenario("a job of the run does not end in the simulation"));
    }

    let jobs = measured.jobs.len();
    let first = measured.jobs.iter().map(|job| job.sent).fold(f64::INFINITY, f64::min);
    let last = measured.jobs.iter().map(|job| job.settled).fold(0.0, f64::max);
    let waits = measured.jobs.iter().map(|job| job.started - job.sent).collect();
    let is_missing = Fault::Scenario("a job of the run does not start in the simulation");
    let Some((waited, simulated)) = WaitTimes::of_times(waits, 0).zip(outcome.waits) else {
        return Err(is_missing);
    };
    let makespan = Pair { measured: last - first, simulated: outcome.last_finish_seconds - first };
    Ok(Comparison {
        jobs,
        makespan,
        jobs_per_second: Pair {
            measured: jobs as f64 / makespan.measured,
            simulated: jobs as f64 / makespan.simulated,
        },
        median_wait: Pair { measured: waited.median, simulated: simulated.median },
        long_wait: Pair { measured: waited.p95, simulated: simulated.p95 },
        tolerance_seconds: MAX_BLOCKS * measured.slot_ms as f64 / 1_000.0,
    })
}
