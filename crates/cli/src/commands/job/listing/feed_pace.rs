//! How often the feeds of one process look at their jobs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// The pause between two looks at a job that waits, if few wait.
const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// The pause for each job that waits. A look is a read of the job and mostly one of the queue, so
/// that all feeds together make at most some 33 requests a second.
const INTERVAL_OF_EACH: Duration = Duration::from_millis(60);
/// The pause between two looks at a job that runs, and the longest for one that waits. A node waits
/// some ten seconds for a definition.
const MAX_INTERVAL: Duration = Duration::from_secs(4);

/// The pace of feeds that look at jobs; clones share it.
#[derive(Clone, Debug, Default)]
pub struct FeedPace(Arc<AtomicU32>);

impl FeedPace {
    /// Notes how many jobs wait.
    pub fn note_waiting(&self, jobs: usize) {
        self.0.store(u32::try_from(jobs).unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    /// Notes that one more job waits.
    pub fn add_waiting(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The pause between two looks at a job that waits.
    pub fn waiting_interval(&self) -> Duration {
        let jobs = self.0.load(Ordering::Relaxed);
        INTERVAL_OF_EACH.saturating_mul(jobs).clamp(MIN_INTERVAL, MAX_INTERVAL)
    }

    /// The pause between two looks at a job that runs: it may return to the queue.
    pub const fn running_interval() -> Duration {
        MAX_INTERVAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_jobs_are_looked_at_less_often() {
        let pace = FeedPace::default();
        assert_eq!(pace.waiting_interval(), Duration::from_secs(1));

        let shared = pace.clone();
        shared.note_waiting(63);
        shared.add_waiting();
        assert_eq!(pace.waiting_interval(), Duration::from_millis(3_840));
        shared.note_waiting(1_000);
        assert_eq!(pace.waiting_interval(), FeedPace::running_interval());
    }
}
