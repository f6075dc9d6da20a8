//! Accounts of this node's private jobs. Nobody else has their content, so requests of strangers
//! must not use up the reads of their parties: each job has reads of its own, one at a time, and
//! none while the last one is fresh.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as BlockingMutex, PoisonError};
use std::time::Duration;

use nosana_client::{Session, jobs::accounts::Job};
use solana_address::Address;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::job_reader::ReadLimited;

/// How long what was read is used.
const MAX_AGE: Duration = Duration::from_secs(2);
/// How long a failed read is not repeated.
const FAILURE_AGE: Duration = Duration::from_millis(500);
/// More jobs than this are forgotten, except those that are being read.
const MAX_REMEMBERED: usize = 1_024;

type ReadResult = Result<Option<Job>, ReadLimited>;

/// Reads accounts of private jobs of this node. Call it for no other jobs: it bounds the reads of
/// each, not those of all.
#[derive(Debug)]
pub(super) struct OwnJobReader {
    session: Session,
    jobs: BlockingMutex<HashMap<Address, Arc<Mutex<Option<LastRead>>>>>,
}

#[derive(Clone, Copy, Debug)]
struct LastRead {
    read_at: Instant,
    result: ReadResult,
}

impl OwnJobReader {
    pub(super) fn new(session: Session) -> Self {
        Self { session, jobs: BlockingMutex::default() }
    }

    /// Returns the job at this address; `None` if there is none.
    ///
    /// # Errors
    /// If the chain does not answer.
    pub(super) async fn find_job(&self, address: &Address) -> ReadResult {
        let entry = self.find_entry(address);
        // Requests that come meanwhile wait for this read, and use it.
        let mut last = entry.lock().await;
        if let Some(fresh) = last.filter(LastRead::is_fresh) {
            return fresh.result;
        }

        let result = self.session.find_account::<Job>(address).await.map_err(|_| ReadLimited);
        *last = Some(LastRead { read_at: Instant::now(), result });
        result
    }

    fn find_entry(&self, address: &Address) -> Arc<Mutex<Option<LastRead>>> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);

        if jobs.len() >= MAX_REMEMBERED {
            jobs.retain(|_, entry| Arc::strong_count(entry) > 1);
        }
        Arc::clone(jobs.entry(*address).or_default())
    }
}

impl LastRead {
    fn is_fresh(&self) -> bool {
        let max_age = if self.result.is_ok() { MAX_AGE } else { FAILURE_AGE };
        self.read_at.elapsed() < max_age
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_read_is_used_for_a_while_and_a_failure_for_less() {
        let last = |result| LastRead { read_at: Instant::now(), result };
        let [found, failed] = [last(Ok(None)), last(Err(ReadLimited))];
        assert!(found.is_fresh() && failed.is_fresh());

        tokio::time::advance(FAILURE_AGE).await;
        assert!(found.is_fresh() && !failed.is_fresh());
        tokio::time::advance(MAX_AGE).await;
        assert!(!found.is_fresh());
    }

    #[tokio::test]
    async fn each_job_has_its_own_reads() {
        let reader = OwnJobReader::new(Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1"));
        let [first, second] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));

        assert_eq!(reader.find_job(&first).await.unwrap_err(), ReadLimited);
        assert!(reader.find_entry(&first).lock().await.is_some(), "the failure is remembered");
        assert!(reader.find_entry(&second).lock().await.is_none());
    }
}
