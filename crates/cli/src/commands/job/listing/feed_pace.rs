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

/// So many looks at a public job that waits have the pause of private ones: most jobs are taken soon.
const QUICK_LOOKS: u32 = 15;
/// The pause between the later ones.
const QUEUE_INTERVAL: Duration = Duration::from_secs(3);
/// Each second of the later ones reads the queue, which may be long: a node waits some ten seconds for
/// a definition.
const LOOKS_FOR_QUEUE: u32 = 2;

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

/// The looks at a public job that waits in the queue. It does not depend on them, and may wait for
/// hours.
#[derive(Debug, Default)]
pub struct QueueLooks {
    /// The attempt that was seen last.
    attempt_id: Option<u64>,
    /// The looks at this attempt.
    looks: u32,
}

impl QueueLooks {
    /// Notes a look at the job, which waits for this attempt. Returns whether to read the queue.
    pub fn note_look(&mut self, attempt_id: u64) -> bool {
        if self.attempt_id != Some(attempt_id) {
            *self = Self { attempt_id: Some(attempt_id), looks: 0 };
        }
        self.looks = self.looks.saturating_add(1);

        self.looks <= QUICK_LOOKS || self.looks.is_multiple_of(LOOKS_FOR_QUEUE)
    }

    /// The pause until the next look, if that at a job which depends on them is `waiting_interval`.
    pub const fn interval(&self, waiting_interval: Duration) -> Duration {
        if self.looks < QUICK_LOOKS { waiting_interval } else { QUEUE_INTERVAL }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_job_that_waits_for_long_is_looked_at_seldom() {
        let quick = Duration::from_secs(1);
        let mut looks = QueueLooks::default();
        let mut count_reads = |attempt_id: u64, looks_made: u32| {
            let read = (0..looks_made).filter(|_| looks.note_look(attempt_id)).count();
            (read, looks.interval(quick))
        };

        assert_eq!(count_reads(1, 14), (14, quick));
        assert_eq!(count_reads(1, 1), (1, QUEUE_INTERVAL));
        assert_eq!(count_reads(1, 100), (50, QUEUE_INTERVAL));
        assert_eq!(count_reads(2, 1), (1, quick), "it has come back");
    }

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
