//! Whether the challenge window leaves time for a twin.

use std::time::Duration;

use nosana_client::jobs::accounts::Job;
use nosana_protocol::units::UnixTimestamp;

/// The part of the time that is left that is kept for reading both results and for a challenge.
const RESERVED_SHARE: u32 = 10;
/// The least of it.
const MIN_RESERVED: Duration = Duration::from_secs(20);
/// A twin may take so many times as long as the job: another node may be slower.
const SLOWER_NODE: u32 = 2;
/// Time in which the twin's result is noticed and read, while the twin's window passes already.
const COMPARING_TIME: Duration = Duration::from_secs(60);
/// The most phases of a dispute.
const DISPUTE_PHASES: u64 = 5;
/// The most and the least of the time that is left in which the job's result is read: a node that
/// shows it late must not prevent a twin, and an honest one needs time to show it.
const READING_PARTS: [u32; 2] = [2, 4];

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
    /// Plans a twin that takes `longest`, of a job whose challenge window is `left`; `None` if
    /// too little time is left.
    pub fn plan(left: Duration, longest: Duration) -> Option<Self> {
        let reserved = MIN_RESERVED.max(left / RESERVED_SHARE);
        let result_by = left.checked_sub(reserved)?;

        let list_by = result_by.checked_sub(longest)?;
        Some(Self { list_by, result_by, read_by: result_by + reserved / 2 })
    }
}

/// Returns how long a twin may take: a slower node than that of the job, but not longer than the
/// market lets it. So a node that is slow on purpose prevents no twin if the window is long enough.
pub fn longest_run(job: &Job) -> Duration {
    run_time(job)
        .saturating_mul(SLOWER_NODE)
        .min(longest_twin(job.timeout_seconds, job.start_seconds))
}

/// Returns the longest time that a market lets a twin take, once it is matched.
pub fn longest_twin(timeout_seconds: u64, start_seconds: u32) -> Duration {
    Duration::from_secs(timeout_seconds.saturating_add(start_seconds.into()))
}

/// Whether there is time for a twin of a job that took the whole timeout, if it is listed at once.
pub fn fits_window(timeout_seconds: u64, start_seconds: u32, challenge_seconds: u32) -> bool {
    let window = Duration::from_secs(challenge_seconds.into());
    TwinTime::plan(window, longest_twin(timeout_seconds, start_seconds)).is_some()
}

/// Returns how long to read the result of the job, while its challenge window is `left`.
pub fn reading_time(left: Duration, longest: Duration) -> Duration {
    let [most, least] = READING_PARTS.map(|part| left / part);
    TwinTime::plan(left, longest).map_or(most, |time| time.list_by.clamp(least, most))
}

/// Whether the panel's verdict on the job comes while the twin, whose challenge window is
/// `twin_seconds` longer, can still be disputed.
pub fn leaves_verdict(twin_seconds: u64, dispute_seconds: u32) -> bool {
    let needed = DISPUTE_PHASES * u64::from(dispute_seconds) + MIN_RESERVED.as_secs();
    twin_seconds > needed
}

/// Whether a market's clocks allow twins: a twin whose result is read at once can be disputed after
/// the panel's verdict.
pub fn allows_twin(challenge_seconds: u32, dispute_seconds: u32) -> bool {
    let left = u64::from(challenge_seconds).saturating_sub(COMPARING_TIME.as_secs());
    leaves_verdict(left, dispute_seconds)
}

/// Says why a market's clocks allow no twins.
pub fn describe_short_window(challenge_seconds: u32, dispute_seconds: u32) -> String {
    format!(
        "the challenge window of {challenge_seconds} s is too short for twins: it must be longer \
         than five phases of a dispute, of {dispute_seconds} s each, and {} s, so that a twin can \
         be disputed after the panel's verdict",
        (MIN_RESERVED + COMPARING_TIME).as_secs()
    )
}

/// Returns how long the node of a job with a result took, at least a second.
fn run_time(job: &Job) -> Duration {
    let seconds = UnixTimestamp(job.submitted_at).seconds_since(UnixTimestamp(job.started_at));
    Duration::from_secs(seconds.0.max(1))
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn plan(left: u64, longest: u64) -> Option<[u64; 3]> {
        let time = TwinTime::plan(seconds(left), seconds(longest))?;
        Some([time.list_by, time.result_by, time.read_by].map(|time| time.as_secs()))
    }

    #[test]
    fn a_twin_ends_before_the_window_does() {
        assert_eq!(plan(600, 200), Some([340, 540, 570]));
        assert_eq!(plan(60, 10), Some([30, 40, 50]), "twenty seconds are kept");
        assert_eq!(plan(60, 40), Some([0, 40, 50]));
        assert_eq!(plan(60, 41), None);
        assert_eq!(plan(19, 1), None);
        assert_eq!(plan(60, u64::MAX), None);
    }

    #[test]
    fn a_slow_node_cannot_make_a_twin_too_long() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let read = Job::from_data(&zeroed).unwrap();
        let job = Job { started_at: 100, timeout_seconds: 600, start_seconds: 60, ..read };
        let longest = |submitted_at| longest_run(&Job { submitted_at, ..job });
        assert_eq!(longest(130), seconds(60), "another node may take twice as long");
        assert_eq!(longest(100), seconds(2), "a run takes a second at least");
        assert_eq!(longest(430), seconds(660));
        assert_eq!(longest(700), seconds(660), "and not longer than a market lets it");
    }

    #[test]
    fn a_window_should_have_room_for_the_longest_twin() {
        assert!(fits_window(600, 60, 734));
        assert!(!fits_window(600, 60, 733), "a tenth is kept");
    }

    #[test]
    fn a_result_is_read_while_there_is_time_for_a_twin() {
        let reading = |left, longest| reading_time(seconds(left), seconds(longest)).as_secs();
        assert_eq!(reading(600, 10), 300, "half of the time at most");
        assert_eq!(reading(600, 340), 200);
        assert_eq!(reading(600, 540), 150, "a quarter at least");
        assert_eq!(reading(600, 541), 300, "no twin is possible");
    }

    #[test]
    fn a_twin_can_be_disputed_after_the_verdict() {
        assert!(leaves_verdict(3_021, 600));
        assert!(!leaves_verdict(3_020, 600));
    }

    #[test]
    fn a_market_allows_twins_if_their_results_can_be_read_before_a_dispute() {
        assert!(allows_twin(3_081, 600));
        assert!(!allows_twin(3_080, 600));
        assert!(!allows_twin(0, 0), "no window");
        let why = describe_short_window(3_080, 600);
        assert!(why.contains("of 600 s each, and 80 s,"), "{why}");
    }
}
