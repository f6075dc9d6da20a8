//! How long a visitor's connection may hold what it takes.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

use crate::StreamError;

/// Bounds of a connection that is forwarded for a visitor. Parties have none: they may keep what is
/// theirs.
#[derive(Clone, Debug)]
pub(crate) struct PipeBounds {
    /// Longest time without a byte in either direction.
    pub idle_timeout: Duration,
    /// The same, once one direction has ended: its other end may be gone.
    pub half_closed_timeout: Duration,
    /// A service that reads nothing for longer needs one of `stalls`.
    pub stall_time: Duration,
    /// How many streams of the visitor's connection may wait for their service. What waits takes
    /// the connection's window, and with it all other streams.
    pub stalls: Arc<Semaphore>,
}

impl PipeBounds {
    /// Waits for a service to read; an error if it does not, and others wait already.
    pub(super) async fn wait_for_service<T>(
        &self,
        write: impl Future<Output = T>,
    ) -> Result<T, StreamError> {
        let mut write = pin!(write);
        if let Ok(written) = timeout(self.stall_time, &mut write).await {
            return Ok(written);
        }

        let stalled = self.stalls.try_acquire().map_err(|_| StreamError::Timeout {
            action: "let its service read",
            seconds: self.stall_time.as_secs(),
        });
        let _stalled = stalled?;
        Ok(write.await)
    }
}

/// What moves on a forwarded connection.
#[derive(Debug, Default)]
pub(super) struct Progress {
    moves: AtomicU64,
    has_half_ended: AtomicBool,
    is_broken: AtomicBool,
}

impl Progress {
    pub(super) fn note_move(&self) {
        self.moves.fetch_add(1, Ordering::Relaxed);
    }

    /// One direction has ended.
    pub(super) fn note_end(&self) {
        self.has_half_ended.store(true, Ordering::Relaxed);
        self.note_move();
    }

    /// The TCP connection is broken.
    pub(super) fn note_broken(&self) {
        self.is_broken.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }

    /// Returns the seconds for which nothing has moved, once that is too long.
    pub(super) async fn wait_until_idle(&self, bounds: &PipeBounds) -> u64 {
        // Looking now and then costs less than a timer that each chunk resets.
        let tick = bounds.idle_timeout.min(bounds.half_closed_timeout) / 4;
        let mut seen = self.moves.load(Ordering::Relaxed);
        let mut since = Instant::now();

        loop {
            sleep(tick).await;
            let moves = self.moves.load(Ordering::Relaxed);
            if moves != seen {
                seen = moves;
                since = Instant::now();
                continue;
            }

            let has_half_ended = self.has_half_ended.load(Ordering::Relaxed);
            let limit =
                if has_half_ended { bounds.half_closed_timeout } else { bounds.idle_timeout };
            if since.elapsed() >= limit {
                return since.elapsed().as_secs();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    fn bounds() -> PipeBounds {
        PipeBounds {
            idle_timeout: Duration::from_millis(800),
            half_closed_timeout: Duration::from_millis(200),
            stall_time: Duration::from_millis(50),
            stalls: Arc::new(Semaphore::new(1)),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_on_which_nothing_moves_ends_sooner_when_it_is_half_closed() {
        let progress = Progress::default();
        let begun = Instant::now();
        progress.wait_until_idle(&bounds()).await;
        assert!(begun.elapsed() >= Duration::from_millis(800), "{:?}", begun.elapsed());

        progress.note_end();
        let begun = Instant::now();
        progress.wait_until_idle(&bounds()).await;
        let elapsed = begun.elapsed();
        assert!(elapsed >= Duration::from_millis(200), "{elapsed:?}");
        assert!(elapsed < Duration::from_millis(700), "{elapsed:?}");
    }

    #[tokio::test]
    async fn only_so_many_services_may_be_waited_for() {
        let bounds = bounds();
        assert_eq!(bounds.wait_for_service(async { 7 }).await.unwrap(), 7);

        let first = bounds.clone();
        let first = tokio::spawn(async move { first.wait_for_service(pending::<()>()).await });
        sleep(Duration::from_millis(300)).await;
        assert!(!first.is_finished(), "it has the only place");
        assert!(bounds.wait_for_service(pending::<()>()).await.is_err());

        // Its place is free when it ends.
        first.abort();
        let _ = first.await;
        bounds.wait_for_service(sleep(Duration::from_millis(200))).await.unwrap();
    }
}
