//! Cancellation of work in progress.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

/// The work continues.
const RUNNING: u8 = 0;
/// The work stops, and its results are kept.
const STOPPING: u8 = 1;
/// The work ends immediately, and its results are discarded.
const CANCELLED: u8 = 2;

/// A cancellation token; clones share it. A request cannot be withdrawn.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicU8>);

impl CancelToken {
    /// Requests that the work ends immediately; its results are discarded.
    pub fn cancel(&self) {
        self.0.fetch_max(CANCELLED, Ordering::Relaxed);
    }

    /// Returns whether the work must end immediately.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) == CANCELLED
    }

    /// Requests that the work stops: running commands receive SIGTERM and have
    /// [`STOP_GRACE`](crate::STOP_GRACE) to end by themselves, no further command starts, and
    /// results are kept.
    pub fn request_stop(&self) {
        self.0.fetch_max(STOPPING, Ordering::Relaxed);
    }

    /// Returns whether the work must end, by a stop or by a cancellation.
    pub fn is_ending(&self) -> bool {
        self.0.load(Ordering::Relaxed) != RUNNING
    }
}

#[cfg(test)]
mod tests {
    use super::CancelToken;

    #[test]
    fn a_cancellation_overrides_a_stop() {
        let cancel = CancelToken::default();
        let shared = cancel.clone();
        assert!(!shared.is_ending() && !shared.is_cancelled());
        cancel.request_stop();
        assert!(shared.is_ending() && !shared.is_cancelled());
        cancel.cancel();
        cancel.request_stop();
        assert!(shared.is_ending() && shared.is_cancelled());
    }
}
