//! How often a service's operations have restarted.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use tokio::sync::Notify;

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

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
}
