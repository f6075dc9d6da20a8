//! Where jobs were a short time ago.

use std::time::Duration;

use solana_address::Address;

use crate::{
    cache::ShortCache,
    place_reader::{JobPlace, RunningPlace},
};

/// What was read is used for so long. A job that ended is noticed sooner: its node says so.
const MAX_AGE: Duration = Duration::from_secs(5);
/// The same for jobs that do not exist or have ended: they are read less often than others.
const MAX_ABSENT_AGE: Duration = Duration::from_secs(20);
/// While the chain cannot be read, a job is where it was at most so long ago.
const MAX_STALE_AGE: Duration = Duration::from_secs(60);
/// A job is read again at most so often because it is not where the chain said.
const MIN_AGE: Duration = Duration::from_secs(1);
/// The most jobs that are remembered, of each kind: made-up names take no place of real jobs.
const MAX_JOBS: usize = 4_096;

/// Remembers what the chain said.
#[derive(Debug)]
pub(crate) struct PlaceMemory {
    listed: ShortCache<Address, JobPlace>,
    absent: ShortCache<Address, JobPlace>,
    last: ShortCache<Address, RunningPlace>,
}

impl Default for PlaceMemory {
    fn default() -> Self {
        Self {
            listed: ShortCache::new(MAX_JOBS, MAX_AGE),
            absent: ShortCache::new(MAX_JOBS, MAX_ABSENT_AGE),
            last: ShortCache::new(MAX_JOBS, MAX_STALE_AGE),
        }
    }
}

impl PlaceMemory {
    /// What was read, unless that is too long ago.
    pub(crate) fn find(&self, job: &Address) -> Option<JobPlace> {
        self.listed.find(job).or_else(|| self.absent.find(job))
    }

    /// Keeps what was read.
    pub(crate) fn keep(&self, job: Address, place: &JobPlace) {
        match place {
            JobPlace::Unknown | JobPlace::Ended => self.absent.insert(job, place.clone()),
            JobPlace::Waiting | JobPlace::Unreachable => self.listed.insert(job, place.clone()),
            JobPlace::Running(running) => {
                self.listed.insert(job, place.clone());
                self.last.insert(job, running.clone());
            }
        }
    }

    /// Whether the job ran a minute ago. Such jobs cost their clients money.
    pub(crate) fn has_run(&self, job: &Address) -> bool {
        self.last.find(job).is_some()
    }

    /// Where the job was a minute ago, for the time in which the chain cannot be read: the node
    /// decides anyway. It counts as read.
    pub(crate) fn recall(&self, job: Address) -> Option<JobPlace> {
        let place = JobPlace::Running(self.last.find(&job)?);
        self.listed.insert(job, place.clone());
        Some(place)
    }

    /// Reads the job again the next time: it is not where the chain said. Returns false if that was
    /// read just now.
    pub(crate) fn forget(&self, job: &Address) -> bool {
        self.listed.forget(job, MIN_AGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(seed: u8) -> Address {
        Address::new_from_array([seed; 32])
    }

    fn running() -> JobPlace {
        let endpoint = format!("58{}", "66".repeat(31));
        let address = format!("{endpoint},127.0.0.1:1").parse().unwrap();
        JobPlace::Running(RunningPlace { node: job(2), address })
    }

    #[tokio::test]
    async fn what_was_read_is_found_and_a_running_job_recalled() {
        let memory = PlaceMemory::default();
        assert_eq!(memory.find(&job(1)), None);
        assert_eq!(memory.recall(job(1)), None);

        memory.keep(job(1), &running());
        assert_eq!(memory.find(&job(1)), Some(running()));
        assert!(memory.has_run(&job(1)));
        assert!(!memory.forget(&job(1)), "it was read just now");

        tokio::time::sleep(MIN_AGE).await;
        assert!(memory.forget(&job(1)));
        assert_eq!(memory.find(&job(1)), None);
        assert_eq!(memory.recall(job(1)), Some(running()));
        assert_eq!(memory.find(&job(1)), Some(running()), "it is not read for each request");
    }

    #[tokio::test]
    async fn made_up_names_take_no_place_of_real_jobs() {
        let memory = PlaceMemory::default();
        memory.keep(job(1), &JobPlace::Waiting);
        for number in 0..=MAX_JOBS {
            let mut name = [9; 32];
            name[..8].copy_from_slice(&(number as u64).to_le_bytes());
            memory.keep(Address::new_from_array(name), &JobPlace::Unknown);
        }

        assert_eq!(memory.find(&job(1)), Some(JobPlace::Waiting));
        assert!(!memory.has_run(&job(1)));
    }
}
