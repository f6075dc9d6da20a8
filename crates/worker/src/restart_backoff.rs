//! How soon what has ended begins again: the operations of a service, or one container.

use std::time::Duration;

/// The first delay.
const INITIAL_BACKOFF: Duration = Duration::from_secs(1);
/// The longest delay. Without the doubling, a service that always fails would take the machine from
/// other jobs.
const MAX_BACKOFF: Duration = Duration::from_secs(60);
/// Operations that ran for this long are stable; their next end counts as the first.
const STABLE_AFTER: Duration = Duration::from_secs(300);

/// Doubles the delay with each end that follows soon after the previous one.
#[derive(Debug, Default)]
pub(crate) struct RestartBackoff {
    ends: u32,
    early_ends: u32,
}

impl RestartBackoff {
    /// Returns how often they have ended before.
    pub fn ends(&self) -> u32 {
        self.ends
    }

    /// Returns the delay after the operations have ended, having run for `ran`.
    pub fn next_delay(&mut self, ran: Duration) -> Duration {
        if ran >= STABLE_AFTER {
            self.early_ends = 0;
        }
        let factor = 2_u32.saturating_pow(self.early_ends);

        self.ends = self.ends.saturating_add(1);
        self.early_ends = self.early_ends.saturating_add(1);
        INITIAL_BACKOFF.saturating_mul(factor).min(MAX_BACKOFF)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_until_the_operations_are_stable() {
        let mut backoff = RestartBackoff::default();
        assert_eq!(backoff.ends(), 0);

        let seconds: Vec<u64> =
            (0..8).map(|_| backoff.next_delay(Duration::ZERO).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.ends(), 8);

        assert_eq!(backoff.next_delay(STABLE_AFTER).as_secs(), 1);
        assert_eq!(backoff.next_delay(Duration::ZERO).as_secs(), 2);

        backoff.early_ends = u32::MAX;
        assert_eq!(backoff.next_delay(Duration::ZERO), MAX_BACKOFF);
    }
}
