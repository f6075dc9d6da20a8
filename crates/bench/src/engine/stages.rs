//! How long jobs take, by stage, as their client sees it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// The timestamps of a job.
#[derive(Clone, Copy, Debug)]
pub struct JobTimes {
    /// The client sends its transaction.
    pub sent: Instant,
    /// The job is listed.
    pub listed: Instant,
    /// The client sees that the job runs.
    pub started: Instant,
    /// The node has the answer.
    pub executed: Instant,
    /// The client sees that the job is settled and paid.
    pub settled: Instant,
}

/// The medians of many jobs, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageTimes {
    /// From the client's transaction until the job is listed.
    pub listing_ms: u64,
    /// From there until the job runs: in a queue, and while the node starts it.
    pub starting_ms: u64,
    /// From there until the node has the answer.
    pub answering_ms: u64,
    /// From there until the job is settled and paid.
    pub settling_ms: u64,
}

impl StageTimes {
    /// Returns the medians of the jobs; zeros if there are none.
    pub fn of_jobs(jobs: &[JobTimes]) -> Self {
        let median = |stage: fn(&JobTimes) -> Duration| {
            let mut stages: Vec<_> = jobs.iter().map(stage).collect();
            stages.sort_unstable();
            let middle = stages.get(stages.len() / 2).copied().unwrap_or_default();
            u64::try_from(middle.as_millis()).unwrap_or(u64::MAX)
        };

        Self {
            listing_ms: median(|job| job.listed.duration_since(job.sent)),
            starting_ms: median(|job| job.started.duration_since(job.listed)),
            answering_ms: median(|job| job.executed.duration_since(job.started)),
            settling_ms: median(|job| job.settled.duration_since(job.executed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_of_each_stage() {
        let sent = Instant::now();
        let job = |listing, starting, answering, settling| {
            let listed = sent + Duration::from_millis(listing);
            let started = listed + Duration::from_millis(starting);
            let executed = started + Duration::from_millis(answering);
            let settled = executed + Duration::from_millis(settling);
            JobTimes { sent, listed, started, executed, settled }
        };
        let jobs = [job(10, 900, 3, 50), job(30, 20, 1, 70), job(20, 30, 2, 60)];

        let expected =
            StageTimes { listing_ms: 20, starting_ms: 30, answering_ms: 2, settling_ms: 60 };
        assert_eq!(StageTimes::of_jobs(&jobs), expected);
        assert_eq!(StageTimes::of_jobs(&[]), StageTimes::default());
    }
}
