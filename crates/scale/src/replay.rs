//! A run of the real harness, simulated with its arrivals and its run times.

use serde::Serialize;

use crate::{
    costs::{BlockLimits, Costs},
    engine::simulate,
    fault::Fault,
    outcome::WaitTimes,
    scenario::{Begin, MarketClocks, Scenario},
    service::{Arrivals, ServiceTimes},
};

/// By how much the simulated time of a whole run may differ from the measured one.
pub const MAX_DIFFERENCE: f64 = 0.25;

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

/// What was measured beside what was simulated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Jobs.
    pub jobs: usize,
    /// Seconds from the first `list` to the last settlement.
    pub makespan: Pair,
    /// Settled jobs in a second of that time.
    pub jobs_per_second: Pair,
    /// Median seconds from `list` to the start.
    pub median_wait: Pair,
}

/// A measured figure, and the simulated one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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
    /// Returns true if the model is close to the harness.
    pub fn is_close(&self) -> bool {
        self.makespan.difference() <= MAX_DIFFERENCE
    }
}

impl Measured {
    /// Returns the time from a match until the node sent `start`: the median from the match to the
    /// confirmed start, less the block in which it landed.
    pub fn find_reaction(&self) -> f64 {
        let times = self.jobs.iter().map(|job| job.started - job.taken).collect();
        let slot = self.slot_ms as f64 / 1_000.0;
        (WaitTimes::of_times(times).median - slot).max(0.0)
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
            clocks: MarketClocks::DEFAULT,
            churn: None,
            reaction_seconds: reaction,
            costs: Costs::from_baseline()?,
            limits: BlockLimits { slot_ms: self.slot_ms, ..BlockLimits::MAINNET },
            // `work` waits for half a block on average.
            begin: Begin::Idle((first_taken - slot / 2.0).max(0.0)),
            seconds,
            warm_up_seconds: 0.0,
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
    let makespan = Pair { measured: last - first, simulated: outcome.last_finish_seconds - first };
    Ok(Comparison {
        jobs,
        makespan,
        jobs_per_second: Pair {
            measured: jobs as f64 / makespan.measured,
            simulated: jobs as f64 / makespan.simulated,
        },
        median_wait: Pair {
            measured: WaitTimes::of_times(waits).median,
            simulated: outcome.waits.median,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two jobs that wait for the node, and a third one for which it waits.
    fn measured() -> Measured {
        let job = |sent, taken, started, executed, settled| MeasuredJob {
            sent,
            taken,
            started,
            executed,
            settled,
        };
        let jobs = vec![
            job(0.0, 1.2, 1.8, 4.8, 5.3),
            job(0.4, 5.6, 6.2, 8.2, 8.7),
            job(12.0, 12.4, 13.0, 15.0, 15.4),
        ];
        Measured { slot_ms: 400, slots: 1, jobs }
    }

    #[test]
    fn a_replay_is_close_to_the_run() {
        let comparison = replay_run(&measured()).unwrap();
        assert_eq!((comparison.jobs, comparison.makespan.measured), (3, 15.4));
        assert!(comparison.makespan.difference() < 0.1, "{comparison:?}");
        assert!(comparison.median_wait.difference() < 0.25, "{comparison:?}");
    }

    #[test]
    fn a_run_that_the_model_does_not_explain_is_not_close() {
        let mut run = measured();
        run.jobs[2].settled = 40.0;
        let comparison = replay_run(&run).unwrap();
        assert!(!comparison.is_close(), "{comparison:?}");
    }

    #[test]
    fn a_second_slot_shortens_the_wait() {
        let one = replay_run(&measured()).unwrap().median_wait.simulated;
        let two = replay_run(&Measured { slots: 2, ..measured() }).unwrap().median_wait.simulated;
        assert!(two < one, "{two} and {one}");
    }

    #[test]
    fn a_run_without_jobs_is_refused() {
        assert!(replay_run(&Measured { jobs: Vec::new(), ..measured() }).is_err());
    }
}
