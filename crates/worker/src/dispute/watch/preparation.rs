//! How far a node is with the case of a dispute, and what comes next.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::super::case::Case;

/// The longest pause after the first preparation that failed.
const FIRST_DELAY: Duration = Duration::from_secs(60);
/// The part of a phase that this pause takes at most: work for a seat has to be done twice in one.
const FIRST_DIVISOR: u32 = 8;
/// The longest pause after any that failed.
const LONGEST_DELAY: Duration = Duration::from_secs(900);
/// The part of a phase that it takes at most: then there is time for another attempt.
const LONGEST_DIVISOR: u32 = 2;

/// How far this node is with the preparation of a case.
pub(super) enum Preparation<Work = Case> {
    /// Its definition and models are fetched, since then. That uses no device.
    Fetching(Instant),
    /// Definition and models are here. The work is tried once it is this node's turn to do so.
    Fetched(Box<Work>),
    /// The inputs are checked and the work is tried, on a device. For another market, definition
    /// and models are fetched first, in the same task.
    Rehearsing,
    Ready(Arc<Work>),
    /// It failed: no other attempt before this.
    Failed(Instant),
}

/// What comes next for a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextStep {
    Fetch,
    Rehearse,
    Wait,
}

impl<Work> Preparation<Work> {
    /// Whether a task works on it.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Fetching(_) | Self::Rehearsing => true,
            Self::Fetched(_) | Self::Ready(_) | Self::Failed(_) => false,
        }
    }
}

/// Returns what comes next at `now`. `may_fetch`: whether one more fetch may begin;
/// `may_rehearse`: whether it is time to try the work, and a device is free.
pub(super) fn find_next<Work>(
    preparation: Option<&Preparation<Work>>,
    may_fetch: bool,
    may_rehearse: bool,
    now: Instant,
) -> NextStep {
    match preparation {
        None if may_fetch => NextStep::Fetch,
        Some(Preparation::Failed(retry_at)) if may_fetch && now >= *retry_at => NextStep::Fetch,
        Some(Preparation::Fetched(_)) if may_rehearse => NextStep::Rehearse,
        Some(
            Preparation::Fetching(_)
            | Preparation::Fetched(_)
            | Preparation::Rehearsing
            | Preparation::Ready(_)
            | Preparation::Failed(_),
        )
        | None => NextStep::Wait,
    }
}

/// Returns the pause after so many preparations of a dispute that failed in a row. Each is twice as
/// long as the last one: a dispute whose definition nobody serves must not keep the others waiting.
pub(super) fn retry_delay(phase_seconds: u32, failures: u32) -> Duration {
    let phase = Duration::from_secs(phase_seconds.into());
    let first = FIRST_DELAY.min(phase / FIRST_DIVISOR);
    let longest = LONGEST_DELAY.min(phase / LONGEST_DIVISOR);

    let doublings = failures.saturating_sub(1).min(31);
    first.saturating_mul(1 << doublings).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preparation_is_tried_again_within_a_phase_and_ever_more_rarely() {
        let delay = |phase_seconds, failures| retry_delay(phase_seconds, failures).as_secs();
        let first = [120, 400, 480, 86_400].map(|phase_seconds| delay(phase_seconds, 1));
        assert_eq!(first, [15, 50, 60, 60]);
        assert_eq!(
            [1, 2, 3, 4, u32::MAX].map(|failures| delay(120, failures)),
            [15, 30, 60, 60, 60]
        );
        let long = [2, 3, 4, 5, u32::MAX].map(|failures| delay(86_400, failures));
        assert_eq!(long, [120, 240, 480, 900, 900]);
        assert_eq!(delay(0, 1), 0, "its account was not read yet");
    }

    #[test]
    fn a_fetch_needs_no_device_and_a_trial_needs_one() {
        let now = Instant::now();
        let next = |preparation: Option<Preparation<()>>, may_fetch, may_rehearse| {
            find_next(preparation.as_ref(), may_fetch, may_rehearse, now)
        };
        assert_eq!(next(None, true, false), NextStep::Fetch);
        assert_eq!(next(None, false, true), NextStep::Wait, "too many fetches");
        let fetched = || Some(Preparation::Fetched(Box::new(())));
        assert_eq!(next(fetched(), false, true), NextStep::Rehearse);
        assert_eq!(next(fetched(), true, false), NextStep::Wait, "no device, or too early");

        let later = now + Duration::from_secs(1);
        assert_eq!(next(Some(Preparation::Failed(later)), true, true), NextStep::Wait);
        assert_eq!(next(Some(Preparation::Failed(now)), true, false), NextStep::Fetch);
        assert_eq!(next(Some(Preparation::Failed(now)), false, true), NextStep::Wait);
        for running in [Preparation::Fetching(now), Preparation::Rehearsing] {
            assert!(running.is_running());
            assert_eq!(next(Some(running), true, true), NextStep::Wait);
        }
        assert_eq!(next(Some(Preparation::Ready(Arc::new(()))), true, true), NextStep::Wait);
    }
}
