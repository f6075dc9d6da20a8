//! Whether a container that has ended begins again, and when.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use nosana_container::ContainerOutcome;
use nosana_job_spec::RestartPolicy;
use nosana_sandbox::{CancelToken, Limit};

use crate::restart_backoff::RestartBackoff;

/// How often a pause checks whether the work ends.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Why the output of a run is not kept although the next one did not begin.
const NOT_KEPT: &str = "the container was stopped while it was started again";

/// The restarts of one container.
pub(super) struct Restarts {
    policy: RestartPolicy,
    backoff: RestartBackoff,
    begun: Instant,
    /// The longest time of all runs together.
    time: Duration,
}

impl Restarts {
    /// Of a container that begins now.
    pub fn new(policy: RestartPolicy, time: Duration) -> Self {
        Self { policy, backoff: RestartBackoff::default(), begun: Instant::now(), time }
    }

    /// How long the container may still run.
    pub fn time_left(&self) -> Duration {
        self.time.saturating_sub(self.begun.elapsed())
    }

    /// Returns how long to wait until the container begins again; `None` if it has ended for good,
    /// as it has if the work ends.
    pub fn next_pause(
        &mut self,
        outcome: &ContainerOutcome,
        cancel: &CancelToken,
    ) -> Option<Duration> {
        if outcome.stopped || outcome.limit == Some(Limit::Time) || cancel.is_ending() {
            return None;
        }
        let has_failed = outcome.exit_code != Some(0);
        if !self.policy.applies_to(has_failed, self.backoff.ends()) {
            return None;
        }

        let pause = self.backoff.next_delay(outcome.elapsed);
        (pause < self.time_left()).then_some(pause)
    }
}

/// The outcome of a run without the file that it kept. The next run may last for days, and the file
/// takes room of the disk.
pub(super) fn release_file(outcome: ContainerOutcome) -> ContainerOutcome {
    let kept = outcome.kept.map(|kept| kept.and_then(|_| Err(NOT_KEPT.to_owned())));
    ContainerOutcome { kept, ..outcome }
}

/// Waits. Returns false if the work ends before.
pub(super) fn wait_unless_ending(pause: Duration, cancel: &CancelToken) -> bool {
    let until = Instant::now() + pause;

    while Instant::now() < until {
        if cancel.is_ending() {
            return false;
        }
        sleep(POLL_INTERVAL);
    }
    !cancel.is_ending()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use nosana_container::KeptPath;
    use nosana_job_spec::RestartTrigger;

    use super::*;

    fn outcome(exit_code: Option<u8>, limit: Option<Limit>) -> ContainerOutcome {
        ContainerOutcome {
            exit_code,
            limit,
            stopped: false,
            started: SystemTime::now(),
            elapsed: Duration::ZERO,
            log: Vec::new(),
            stdout: Vec::new(),
            stderr: Vec::new(),
            log_truncated: false,
            kept: None,
        }
    }

    fn restarts(trigger: RestartTrigger, tries: Option<u32>) -> Restarts {
        Restarts::new(RestartPolicy { trigger, tries }, Duration::MAX)
    }

    #[test]
    fn a_failure_is_tried_again_after_growing_pauses_and_so_often() {
        let mut restarts = restarts(RestartTrigger::OnFailure, Some(3));
        let cancel = CancelToken::default();
        let failed = outcome(Some(1), None);
        let pauses: Vec<u64> =
            (0..3).map(|_| restarts.next_pause(&failed, &cancel).unwrap().as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4]);
        assert_eq!(restarts.next_pause(&failed, &cancel), None, "the tries are used up");
    }

    #[test]
    fn the_end_decides_whether_it_begins_again() {
        let cancel = CancelToken::default();
        let pauses = |trigger, ended: &ContainerOutcome| {
            restarts(trigger, None).next_pause(ended, &cancel).is_some()
        };
        let succeeded = outcome(Some(0), None);
        let out_of_memory = outcome(None, Some(Limit::Memory));
        for (trigger, after_success, after_failure) in [
            (RestartTrigger::No, false, false),
            (RestartTrigger::OnFailure, false, true),
            (RestartTrigger::Always, true, true),
            (RestartTrigger::UnlessStopped, true, true),
        ] {
            assert_eq!(pauses(trigger, &succeeded), after_success, "{trigger:?}");
            assert_eq!(pauses(trigger, &out_of_memory), after_failure, "{trigger:?}");

            let stopped = ContainerOutcome { stopped: true, ..outcome(Some(143), None) };
            assert!(!pauses(trigger, &stopped), "{trigger:?}");
            assert!(!pauses(trigger, &outcome(None, Some(Limit::Time))), "{trigger:?}");
        }
    }

    #[test]
    fn nothing_begins_again_when_its_time_is_over() {
        let policy = RestartPolicy { trigger: RestartTrigger::Always, tries: None };
        let mut restarts = Restarts::new(policy, Duration::from_millis(900));
        let cancel = CancelToken::default();
        let ended = outcome(Some(0), None);
        assert_eq!(restarts.next_pause(&ended, &cancel), None, "the pause is a second");
        assert!(restarts.time_left() <= Duration::from_millis(900));
    }

    #[test]
    fn nothing_begins_again_when_the_work_ends() {
        let cancel = CancelToken::default();
        let mut restarts = restarts(RestartTrigger::Always, None);
        let failed = outcome(Some(1), None);
        assert!(restarts.next_pause(&failed, &cancel).is_some());
        cancel.request_stop();
        assert_eq!(restarts.next_pause(&failed, &cancel), None);
    }

    #[test]
    fn the_file_of_an_earlier_run_is_not_held() {
        let file = KeptPath { archive: tempfile::tempfile().unwrap(), size_bytes: 1 };
        for (kept, expected) in [
            (None, None),
            (Some(Ok(file)), Some(NOT_KEPT.to_owned())),
            (Some(Err("it is missing".to_owned())), Some("it is missing".to_owned())),
        ] {
            let released = release_file(ContainerOutcome { kept, ..outcome(Some(1), None) });
            assert_eq!(released.kept.map(|kept| kept.unwrap_err()), expected);
            assert_eq!(released.exit_code, Some(1));
        }
    }

    #[test]
    fn a_pause_ends_with_the_work() {
        let cancel = CancelToken::default();
        assert!(wait_unless_ending(Duration::from_millis(1), &cancel));
        cancel.request_stop();
        let begun = Instant::now();
        assert!(!wait_unless_ending(Duration::from_secs(3_600), &cancel));
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
}
