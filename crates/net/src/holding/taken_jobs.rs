//! The public jobs that a node has taken: it needs their content, and accepts it beyond what it
//! keeps for others.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use solana_address::Address;

/// The jobs. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct TakenJobs(Arc<Mutex<HashSet<Address>>>);

/// A public job that the node has taken, until this is dropped.
#[derive(Debug)]
pub struct TakenJob {
    jobs: TakenJobs,
    job: Address,
}

impl TakenJobs {
    /// Adds a job, until the returned value is dropped.
    pub(super) fn begin_job(&self, job: Address) -> TakenJob {
        self.lock_jobs().insert(job);
        TakenJob { jobs: self.clone(), job }
    }

    /// Whether the node has this job.
    pub(super) fn has_job(&self, job: &Address) -> bool {
        self.lock_jobs().contains(job)
    }

    fn lock_jobs(&self) -> MutexGuard<'_, HashSet<Address>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TakenJob {
    pub(super) const fn job(&self) -> Address {
        self.job
    }
}

impl Drop for TakenJob {
    fn drop(&mut self) {
        self.jobs.lock_jobs().remove(&self.job);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_taken_until_it_is_given_back_or_over() {
        let jobs = TakenJobs::default();
        let [job, other] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));

        let taken = jobs.begin_job(job);
        assert_eq!([job, other].map(|job| jobs.has_job(&job)), [true, false]);
        drop(taken);
        assert!(!jobs.has_job(&job));
    }
}
