//! Jobs whose content the chain seems not to need here, and since when.
//!
//! An RPC server may be behind and show an account as it was, or none. A private job's result is on
//! this disk and nowhere else, so that one read must not remove it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use solana_address::Address;
use tokio::time::Instant;

/// How long all reads must agree: longer than any RPC server is behind that answers at all.
const DOUBT_TIME: Duration = Duration::from_secs(3_600);

/// The doubts of this process; after a restart the time begins anew.
#[derive(Debug)]
pub(super) struct Doubts {
    /// How long all reads must agree.
    time: Duration,
    since: Mutex<HashMap<Address, Instant>>,
}

impl Default for Doubts {
    fn default() -> Self {
        Self::new(DOUBT_TIME)
    }
}

impl Doubts {
    /// Doubts that count when all reads of this time agree.
    pub(super) fn new(time: Duration) -> Self {
        Self { time, since: Mutex::default() }
    }

    /// Records that a read contradicts that the content is needed, and returns whether all reads
    /// have done so for long enough.
    pub(super) fn add_doubt(&self, job: Address) -> bool {
        let now = Instant::now();
        let since = *self.lock_since().entry(job).or_insert(now);
        now.duration_since(since) >= self.time
    }

    /// Records that the content is needed, or gone.
    pub(super) fn clear_doubt(&self, job: &Address) {
        self.lock_since().remove(job);
    }

    fn lock_since(&self) -> MutexGuard<'_, HashMap<Address, Instant>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn all_reads_of_an_hour_must_agree() {
        let doubts = Doubts::default();
        let [job, other] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
        assert!(!doubts.add_doubt(job));
        tokio::time::advance(DOUBT_TIME - Duration::from_secs(1)).await;
        assert!(!doubts.add_doubt(job) && !doubts.add_doubt(other));

        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(doubts.add_doubt(job), "an hour is over");
        assert!(!doubts.add_doubt(other));

        doubts.clear_doubt(&job);
        assert!(!doubts.add_doubt(job), "a read that confirms the job begins the hour anew");
    }
}
