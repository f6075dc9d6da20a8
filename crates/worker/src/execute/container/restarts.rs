//! Whether a container that has ended begins again, and when.

use std::time::{Duration, Instant};

use nosana_container::ContainerOutcome;
use nosana_job_spec::RestartPolicy;
use nosana_sandbox::{CancelToken, Limit};

use crate::restart_backoff::RestartBackoff;

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

        self.pause_after(outcome.elapsed)
    }

    /// Returns how long to wait after a run that could not begin; `None` if no time is left.
    pub fn pause_after_fault(&mut self) -> Option<Duration> {
        self.pause_after(Duration::ZERO)
    }

    fn pause_after(&mut self, ran: Duration) -> Option<Duration> {
        let pause = self.backoff.next_delay(ran);
        (pause < self.time_left()).then_some(pause)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::SystemTime;

    use nosana_job_spec::RestartTrigger;

    use super::*;

    /// A container that ended at once.
    pub fn outcome(exit_code: Option<u8>, limit: Option<Limit>) -> ContainerOutcome {
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
}
