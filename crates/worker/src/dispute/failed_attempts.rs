//! Why a result could not be read, by all attempts to read it. Trouble of this machine that lasted
//! for most of the time must not look like a result that nobody delivers only because the last
//! attempt, which may be a short one, met something else.

use std::time::Duration;

use nosana_store::StoreError;

/// The attempts that failed, without the last one.
#[derive(Debug, Default)]
pub(super) struct FailedAttempts {
    own_time: Duration,
    other_time: Duration,
    /// The last trouble of this machine.
    own_trouble: Option<StoreError>,
}

impl FailedAttempts {
    /// Adds an attempt that `took` so long, with the pause after it.
    pub fn add_attempt(&mut self, error: StoreError, took: Duration) {
        let is_own = error.is_own_trouble();
        let time = if is_own { &mut self.own_time } else { &mut self.other_time };
        *time = time.saturating_add(took);

        if is_own {
            self.own_trouble = Some(error);
        }
    }

    /// Returns why all attempts failed: as the `last` one did, unless trouble of this machine took
    /// more than half of the time.
    pub fn find_reason(self, last: StoreError, took: Duration) -> StoreError {
        if last.is_own_trouble() {
            return last;
        }

        let other_time = self.other_time.saturating_add(took);
        let is_own = self.own_time > other_time;
        self.own_trouble.filter(|_| is_own).unwrap_or(last)
    }
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::ContentId;

    use super::*;

    const ID: ContentId = ContentId::from_digest([9; 32]);

    /// Trouble of this machine, or a file that nobody delivers.
    fn failure(is_own: bool) -> StoreError {
        let problem = String::new();
        if is_own {
            StoreError::Unable { id: ID, problem }
        } else {
            StoreError::Source { id: ID, problem }
        }
    }

    /// Whether attempts that took so many seconds failed by trouble of this machine.
    fn is_own_trouble(attempts: &[(bool, u64)]) -> bool {
        let mut failed = FailedAttempts::default();
        let ((last, last_seconds), earlier) = attempts.split_last().unwrap();
        for (is_own, seconds) in earlier {
            failed.add_attempt(failure(*is_own), Duration::from_secs(*seconds));
        }
        failed.find_reason(failure(*last), Duration::from_secs(*last_seconds)).is_own_trouble()
    }

    #[test]
    fn trouble_of_most_of_the_time_is_not_forgotten_by_the_last_attempt() {
        assert!(is_own_trouble(&[(true, 32), (true, 32), (false, 1)]));
        assert!(is_own_trouble(&[(false, 32), (true, 32), (true, 32), (false, 20)]));
        assert!(!is_own_trouble(&[(true, 32), (false, 32)]), "half of the time");
        assert!(!is_own_trouble(&[(true, 2), (true, 2), (false, 32)]), "others were asked");
    }

    #[test]
    fn the_last_attempt_decides_otherwise() {
        assert!(is_own_trouble(&[(true, 1)]) && !is_own_trouble(&[(false, 1)]));
        assert!(is_own_trouble(&[(false, 32), (true, 1)]));
        assert!(!is_own_trouble(&[(false, 32), (false, 1)]));
    }
}
