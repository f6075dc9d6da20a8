//! Tasks beside the loop of a deployment, one for each job that waits, or may wait, for a node.

use std::collections::{HashMap, HashSet};

use solana_address::Address;
use tokio::task::AbortHandle;

/// The tasks; they end with this value.
#[derive(Default)]
pub struct WaitingJobs(HashMap<Address, AbortHandle>);

impl WaitingJobs {
    /// Ends the tasks of all other jobs.
    pub fn keep_only(&mut self, kept: &HashSet<Address>) {
        self.0.retain(|job, task| {
            let is_kept = kept.contains(job);
            if !is_kept {
                task.abort();
            }
            is_kept
        });
    }

    /// Whether the job has a task.
    pub fn has_task(&self, job: &Address) -> bool {
        self.0.contains_key(job)
    }

    /// Adds the task of a job, and ends an earlier one.
    pub fn add_task(&mut self, job: Address, task: AbortHandle) {
        if let Some(earlier) = self.0.insert(job, task) {
            earlier.abort();
        }
    }
}

impl Drop for WaitingJobs {
    fn drop(&mut self) {
        self.0.values().for_each(AbortHandle::abort);
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    async fn has_ended(task: &AbortHandle) -> bool {
        for _ in 0..100 {
            if task.is_finished() {
                return true;
            }
            tokio::task::yield_now().await;
        }
        false
    }

    #[tokio::test]
    async fn a_task_ends_when_its_job_waits_no_more() {
        let [one, two] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
        let begin = || tokio::spawn(pending::<()>()).abort_handle();
        let tasks = [begin(), begin(), begin()];
        let [first, second, third] = &tasks;

        let mut jobs = WaitingJobs::default();
        jobs.add_task(one, first.clone());
        jobs.add_task(two, second.clone());
        jobs.keep_only(&HashSet::from([two]));
        assert!(has_ended(first).await && !has_ended(second).await);
        assert!(!jobs.has_task(&one) && jobs.has_task(&two));

        jobs.add_task(two, third.clone());
        assert!(has_ended(second).await && !has_ended(third).await);
        drop(jobs);
        assert!(has_ended(third).await);
    }
}
