//! The jobs of this node whose logs and ports clients can reach.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use nosana_net::access::JobParties;
use solana_address::Address;
use tokio::task::JoinSet;

use super::{health::watch_port, run::LiveRun};

/// How long readers get the end of a log after the run.
const KEEP_TIME: Duration = Duration::from_secs(600);
/// The most ended runs that are kept; each has a log of some MiB at most.
const MAX_ENDED: usize = 16;

/// The jobs of a node. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct LiveJobs(Arc<Mutex<Jobs>>);

#[derive(Debug, Default)]
struct Jobs {
    entries: HashMap<Address, LiveEntry>,
    /// The number of the last run.
    last_number: u64,
}

/// A job that runs, or has run.
#[derive(Clone, Debug)]
pub(super) struct LiveEntry {
    pub parties: JobParties,
    pub run: LiveRun,
    ended_at: Option<Instant>,
    number: u64,
}

impl LiveEntry {
    /// Whether the run has ended.
    pub const fn has_ended(&self) -> bool {
        self.ended_at.is_some()
    }
}

/// A run that clients can reach. When this is dropped, the run has ended.
#[derive(Debug)]
pub(crate) struct RegisteredRun {
    jobs: LiveJobs,
    job: Address,
    number: u64,
    pub run: LiveRun,
    /// They end with it.
    _checks: JoinSet<()>,
}

impl LiveJobs {
    /// Lets the parties reach a run that begins now, and checks its ports.
    pub(crate) fn register_run(
        &self,
        job: Address,
        parties: JobParties,
        run: LiveRun,
    ) -> RegisteredRun {
        let mut checks = JoinSet::new();
        for port in run.ports() {
            checks.spawn(watch_port(run.clone(), port.number()));
        }

        let mut jobs = self.lock_jobs();
        jobs.last_number = jobs.last_number.saturating_add(1);
        let number = jobs.last_number;
        let entry = LiveEntry { parties, run: run.clone(), ended_at: None, number };
        jobs.entries.insert(job, entry);
        jobs.remove_old();

        drop(jobs);
        RegisteredRun { jobs: self.clone(), job, number, run, _checks: checks }
    }

    pub(super) fn find_entry(&self, job: &Address) -> Option<LiveEntry> {
        let mut jobs = self.lock_jobs();
        jobs.remove_old();
        jobs.entries.get(job).cloned()
    }

    fn lock_jobs(&self) -> MutexGuard<'_, Jobs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jobs {
    fn remove_old(&mut self) {
        let is_kept =
            |entry: &LiveEntry| entry.ended_at.is_none_or(|ended| ended.elapsed() < KEEP_TIME);
        self.entries.retain(|_, entry| is_kept(entry));

        let mut ended: Vec<(Instant, Address)> =
            self.entries.iter().filter_map(|(job, entry)| Some((entry.ended_at?, *job))).collect();
        ended.sort_unstable_by_key(|(ended_at, _)| *ended_at);
        for (_, job) in ended.iter().take(ended.len().saturating_sub(MAX_ENDED)) {
            self.entries.remove(job);
        }
    }
}

impl Drop for RegisteredRun {
    fn drop(&mut self) {
        self.run.log().complete();
        self.run.set_ended();

        let mut jobs = self.jobs.lock_jobs();
        // The job may have been registered again meanwhile.
        let entry = jobs.entries.get_mut(&self.job).filter(|entry| entry.number == self.number);
        if let Some(entry) = entry {
            entry.ended_at = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::JobDefinition;
    use nosana_net::job::JobHost;
    use tokio::time::timeout;

    use super::*;

    fn parties() -> JobParties {
        JobParties { client: Address::default(), payer: Address::default() }
    }

    fn new_run() -> LiveRun {
        LiveRun::batch(&JobDefinition::new(Vec::new()))
    }

    #[tokio::test]
    async fn a_run_is_found_until_some_time_after_its_end() {
        let jobs = LiveJobs::default();
        let job = Address::new_from_array([1; 32]);
        assert!(jobs.find_entry(&job).is_none());

        let registered = jobs.register_run(job, parties(), new_run());
        assert!(!jobs.find_entry(&job).unwrap().has_ended());
        let early = timeout(Duration::from_millis(50), jobs.wait_for_end(&job)).await;
        assert!(early.is_err(), "it still runs");
        let ended = tokio::spawn({
            let jobs = jobs.clone();
            async move { jobs.wait_for_end(&job).await }
        });
        tokio::task::yield_now().await;
        drop(registered);
        assert!(jobs.find_entry(&job).unwrap().has_ended());
        timeout(Duration::from_secs(5), ended).await.expect("those who wait notice it").unwrap();
        jobs.wait_for_end(&job).await;

        let long_ago = Instant::now().checked_sub(KEEP_TIME).unwrap();
        jobs.lock_jobs().entries.get_mut(&job).unwrap().ended_at = Some(long_ago);
        assert!(jobs.find_entry(&job).is_none());
    }

    #[tokio::test]
    async fn a_job_that_is_registered_again_has_not_ended_when_its_earlier_run_is_dropped() {
        let jobs = LiveJobs::default();
        let job = Address::new_from_array([1; 32]);
        let first = jobs.register_run(job, parties(), new_run());
        let second = jobs.register_run(job, parties(), new_run());

        drop(first);
        assert!(!jobs.find_entry(&job).unwrap().has_ended());
        drop(second);
        assert!(jobs.find_entry(&job).unwrap().has_ended());
    }

    #[tokio::test]
    async fn the_newest_ended_runs_are_kept_and_no_running_one_leaves() {
        let jobs = LiveJobs::default();
        let address = |index: usize| Address::new_from_array([u8::try_from(index).unwrap(); 32]);
        let running = jobs.register_run(address(200), parties(), new_run());
        for index in 0..MAX_ENDED + 3 {
            drop(jobs.register_run(address(index), parties(), new_run()));
        }

        assert!(jobs.find_entry(&address(200)).is_some());
        assert!(jobs.find_entry(&address(2)).is_none());
        assert!(jobs.find_entry(&address(3)).is_some());
        drop(running);
    }
}
