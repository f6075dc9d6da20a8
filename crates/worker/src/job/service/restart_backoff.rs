//! How soon a service's operations restart after they have ended, and how often they have.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;

/// The first delay.
const INITIAL_BACKOFF: Duration = Duration::from_secs(1);
/// The longest delay. Without the doubling, a service that always fails would take the machine from
/// other jobs.
const MAX_BACKOFF: Duration = Duration::from_secs(60);
/// Operations that ran for this long are stable; their next end counts as the first.
const STABLE_AFTER: Duration = Duration::from_secs(300);

/// The number of restarts, which heartbeats report. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct RestartCount(Arc<CountState>);

#[derive(Debug, Default)]
struct CountState {
    restarts: AtomicU32,
    has_ended: Notify,
}

impl RestartCount {
    /// Counts a restart.
    pub fn add_restart(&self) {
        self.0.restarts.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of restarts so far.
    pub fn get(&self) -> u32 {
        self.0.restarts.load(Ordering::Relaxed)
    }

    /// Announces that the operations have ended, and will restart.
    pub fn notify_end(&self) {
        self.0.has_ended.notify_one();
    }

    /// Waits for the next end; returns at once if nobody has waited for the last one.
    pub async fn wait_for_end(&self) {
        self.0.has_ended.notified().await;
    }
}

/// Doubles the delay with each end that follows soon after the previous one.
#[derive(Debug, Default)]
pub(super) struct RestartBackoff {
    ends: u32,
    early_ends: u32,
}

impl RestartBackoff {
    /// Returns whether the operations have not ended before.
    pub fn is_first(&self) -> bool {
        self.ends == 0
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
    use tokio::time::timeout;

    use super::*;

    #[test]
    fn clones_count_the_same_restarts() {
        let restarts = RestartCount::default();
        restarts.clone().add_restart();
        assert_eq!(restarts.get(), 1);
    }

    #[tokio::test]
    async fn an_end_is_noticed_once_also_by_who_waits_later() {
        let restarts = RestartCount::default();
        restarts.clone().notify_end();
        restarts.wait_for_end().await;
        let again = timeout(Duration::from_millis(20), restarts.wait_for_end());
        assert!(again.await.is_err());
    }

    #[test]
    fn delays_double_until_the_operations_are_stable() {
        let mut backoff = RestartBackoff::default();
        assert!(backoff.is_first());

        let seconds: Vec<u64> =
            (0..8).map(|_| backoff.next_delay(Duration::ZERO).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(!backoff.is_first());

        assert_eq!(backoff.next_delay(STABLE_AFTER).as_secs(), 1);
        assert_eq!(backoff.next_delay(Duration::ZERO).as_secs(), 2);

        backoff.early_ends = u32::MAX;
        assert_eq!(backoff.next_delay(Duration::ZERO), MAX_BACKOFF);
    }
}
