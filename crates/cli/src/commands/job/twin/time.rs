//! Whether the challenge window leaves time for a twin.

use std::time::Duration;

use nosana_client::jobs::accounts::Job;
use nosana_protocol::units::UnixTimestamp;

/// The part of the time that is left that is kept for reading both results and for a challenge.
const RESERVED_SHARE: u32 = 10;
/// The least of it.
const MIN_RESERVED: Duration = Duration::from_secs(20);
/// A twin may take so many times as long as the job: another node may be slower, and has to start
/// it.
const SLOWER_NODE: u32 = 2;

/// When the steps of a check by a twin must be over, counted from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwinTime {
    /// The twin is listed.
    pub list_by: Duration,
    /// It has a result.
    pub result_by: Duration,
    /// Its result is read.
    pub read_by: Duration,
}

impl TwinTime {
    /// Plans a twin of a job that ran for `run`, and whose challenge window is `left`; `None` if
    /// there is no time for it.
    pub fn plan(left: Duration, run: Duration) -> Option<Self> {
        let reserved = MIN_RESERVED.max(left / RESERVED_SHARE);
        let result_by = left.checked_sub(reserved)?;

        let list_by = result_by.checked_sub(run.checked_mul(SLOWER_NODE)?)?;
        Some(Self { list_by, result_by, read_by: result_by + reserved / 2 })
    }
}

/// Returns how long the node of a job with a result took, at least a second.
pub fn run_time(job: &Job) -> Duration {
    let seconds = UnixTimestamp(job.submitted_at).seconds_since(UnixTimestamp(job.started_at));
    Duration::from_secs(seconds.0.max(1))
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    fn plan(left: u64, run: u64) -> Option<[u64; 3]> {
        let time = TwinTime::plan(Duration::from_secs(left), Duration::from_secs(run))?;
        Some([time.list_by, time.result_by, time.read_by].map(|time| time.as_secs()))
    }

    #[test]
    fn a_twin_ends_before_the_window_does() {
        assert_eq!(plan(600, 100), Some([340, 540, 570]));
        assert_eq!(plan(60, 5), Some([30, 40, 50]), "twenty seconds are kept");
        assert_eq!(plan(60, 20), Some([0, 40, 50]));
        assert_eq!(plan(60, 21), None, "another node may take twice as long");
        assert_eq!(plan(19, 1), None);
        assert_eq!(plan(60, u64::MAX), None);
    }

    #[test]
    fn a_run_takes_a_second_at_least() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let job = Job { started_at: 100, submitted_at: 130, ..Job::from_data(&zeroed).unwrap() };
        assert_eq!(run_time(&job), Duration::from_secs(30));
        assert_eq!(run_time(&Job { submitted_at: 100, ..job }), Duration::from_secs(1));
    }
}
