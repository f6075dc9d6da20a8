//! How soon a service's operations begin again after they have ended.

use std::time::Duration;

/// The first pause.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause: a service that always fails should not keep the node from other jobs.
const LONGEST: Duration = Duration::from_secs(60);
/// Operations that ran for this long are well, and their next end counts as the first.
const WELL: Duration = Duration::from_secs(300);

/// Counts the ends that came soon one after the other.
#[derive(Debug, Default)]
pub(super) struct Again {
    ends: u32,
    soon: u32,
}

impl Again {
    /// Whether they have not ended before.
    pub fn is_first(&self) -> bool {
        self.ends == 0
    }

    /// The pause after they have ended, having run for `ran`.
    pub fn pause(&mut self, ran: Duration) -> Duration {
        if ran >= WELL {
            self.soon = 0;
        }
        let pause = FIRST.saturating_mul(2_u32.saturating_pow(self.soon)).min(LONGEST);
        (self.ends, self.soon) = (self.ends.saturating_add(1), self.soon.saturating_add(1));
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_until_the_operations_are_well() {
        let mut again = Again::default();
        assert!(again.is_first());
        let seconds: Vec<u64> = (0..8).map(|_| again.pause(Duration::ZERO).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(!again.is_first());
        assert_eq!(again.pause(WELL).as_secs(), 1);
        assert_eq!(again.pause(Duration::ZERO).as_secs(), 2);
        again.soon = u32::MAX;
        assert_eq!(again.pause(Duration::ZERO), LONGEST);
    }
}
