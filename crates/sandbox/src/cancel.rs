//! Cancellation of work in progress.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Instant,
};

/// The work continues.
const RUNNING: u8 = 0;
/// The work stops, and its results are kept.
const STOPPING: u8 = 1;
/// The work ends immediately, and its results are discarded.
const CANCELLED: u8 = 2;

/// A cancellation token; clones share it. A request cannot be withdrawn.
#[derive(Clone, Debug, Default)]
pub struct CancelToken {
    request: Arc<AtomicU8>,
    /// The requests of the tokens that this one is a part of.
    parents: Vec<Arc<AtomicU8>>,
    deadline: Option<Instant>,
}

impl CancelToken {
    /// Returns a token that this one cancels, and that is cancelled at `deadline` at the latest.
    #[must_use]
    pub fn ending_at(&self, deadline: Instant) -> Self {
        let deadline = self.deadline.map_or(deadline, |earlier| earlier.min(deadline));
        Self { deadline: Some(deadline), ..self.clone() }
    }

    /// Returns a token for a part of the work: it ends with this one, and can be ended alone.
    #[must_use]
    pub fn child_token(&self) -> Self {
        let mut parents = self.parents.clone();
        parents.push(Arc::clone(&self.request));
        Self { request: Arc::default(), parents, deadline: self.deadline }
    }

    /// Requests that the work ends immediately; its results are discarded.
    pub fn cancel(&self) {
        self.request.fetch_max(CANCELLED, Ordering::Relaxed);
    }

    /// Returns whether the work must end immediately.
    pub fn is_cancelled(&self) -> bool {
        self.find_request() == CANCELLED || self.is_late()
    }

    /// Requests that the work stops: running commands receive SIGTERM and have
    /// [`STOP_GRACE`](crate::STOP_GRACE) to end by themselves, no further command starts, and
    /// results are kept.
    pub fn request_stop(&self) {
        self.request.fetch_max(STOPPING, Ordering::Relaxed);
    }

    /// Returns whether the work must end, by a stop or by a cancellation.
    pub fn is_ending(&self) -> bool {
        self.find_request() != RUNNING || self.is_late()
    }

    /// The strongest request of this token and of those that it is a part of.
    fn find_request(&self) -> u8 {
        let requests = self.parents.iter().chain([&self.request]);
        requests.map(|request| request.load(Ordering::Relaxed)).max().unwrap_or(RUNNING)
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

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

    #[test]
    fn a_part_ends_with_the_whole_and_alone() {
        let whole = CancelToken::default();
        let [part, other] = [whole.child_token(), whole.child_token()];
        let nested = part.child_token();

        part.request_stop();
        assert!(part.is_ending() && nested.is_ending() && !part.is_cancelled());
        assert!(!whole.is_ending() && !other.is_ending());
        whole.cancel();
        assert!([&part, &nested, &other].iter().all(|token| token.is_cancelled()));
        assert!(whole.ending_at(Instant::now()).child_token().is_cancelled());
    }

    #[test]
    fn a_deadline_cancels() {
        let now = Instant::now();
        let cancel = CancelToken::default();
        let past = cancel.ending_at(now);
        assert!(past.is_ending() && past.is_cancelled());
        let future = cancel.ending_at(now + Duration::from_secs(3_600));
        assert!(!future.is_ending() && !future.is_cancelled());
        assert!(past.ending_at(now + Duration::from_secs(3_600)).is_cancelled());
        assert!(!cancel.is_ending());
        cancel.cancel();
        assert!(future.is_cancelled());
    }
}
