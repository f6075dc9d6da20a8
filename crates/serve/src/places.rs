//! Places of answers and embeddings among those that wait and those that run. Dropping one frees it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::OwnedSemaphorePermit;

use crate::metrics::ServerMetrics;

/// A place among those that wait for their first token or their turn.
pub(crate) struct WaitingPlace {
    metrics: Arc<ServerMetrics>,
    _permit: OwnedSemaphorePermit,
}

impl WaitingPlace {
    pub(crate) fn new(metrics: &Arc<ServerMetrics>, permit: OwnedSemaphorePermit) -> Self {
        metrics.waiting.inc();
        Self { metrics: Arc::clone(metrics), _permit: permit }
    }

    /// Ends the waiting: the model computes.
    pub(crate) fn start_running(self) -> RunningPlace {
        self.metrics.running.inc();
        RunningPlace(Arc::clone(&self.metrics))
    }
}

impl Drop for WaitingPlace {
    fn drop(&mut self) {
        self.metrics.waiting.dec();
    }
}

/// A place among those that the model computes.
pub(crate) struct RunningPlace(Arc<ServerMetrics>);

impl Drop for RunningPlace {
    fn drop(&mut self) {
        self.0.running.dec();
    }
}

/// An answer that the engine has not ended.
pub(crate) struct OpenAnswer(Arc<AtomicUsize>);

impl OpenAnswer {
    /// Counts an answer until this is dropped.
    pub(crate) fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for OpenAnswer {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;

    #[test]
    fn places_are_counted_until_they_are_dropped() {
        let metrics = Arc::new(ServerMetrics::default());
        let permits = Arc::new(Semaphore::new(1));
        let counts = || (metrics.waiting.get(), metrics.running.get(), permits.available_permits());

        let permit = Arc::clone(&permits).try_acquire_owned().unwrap();
        let waiting = WaitingPlace::new(&metrics, permit);
        assert_eq!(counts(), (1, 0, 0));
        let running = waiting.start_running();
        assert_eq!(counts(), (0, 1, 1), "another request may wait from here on");
        drop(running);
        assert_eq!(counts(), (0, 0, 1));
    }
}
