//! Accounts of jobs, for requests of strangers: at a bounded rate, and each for some seconds.

use std::collections::HashMap;
use std::time::Duration;

use iroh::EndpointId;
use nosana_client::{Session, jobs::accounts::Job};
use solana_address::Address;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long what was read is used.
const MAX_AGE: Duration = Duration::from_secs(2);
/// The most reads at once for all peers, and the time after which each of them is free again: the
/// node's own transactions use the same quota.
const MAX_READS: u32 = 40;
const READ_INTERVAL: Duration = Duration::from_millis(250);
/// The most reads for one peer within a time.
const MAX_PEER_READS: usize = 20;
const PEER_INTERVAL: Duration = Duration::from_secs(10);
/// More jobs than this are forgotten.
const MAX_REMEMBERED: usize = 1_024;

/// Reads accounts of jobs.
#[derive(Debug)]
pub(super) struct JobReader {
    session: Session,
    recent: Mutex<Recent>,
}

#[derive(Debug, Default)]
struct Recent {
    jobs: HashMap<Address, (Instant, Option<Job>)>,
    /// When all reads are free again. Each one moves it by an interval.
    free_at: Option<Instant>,
    /// The last reads: when, and for whom.
    reads: Vec<(Instant, EndpointId)>,
}

/// The job was not read: peers request too many reads, or the chain does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReadLimited;

impl JobReader {
    pub(super) fn new(session: Session) -> Self {
        Self { session, recent: Mutex::default() }
    }

    /// The session.
    pub(super) const fn session(&self) -> &Session {
        &self.session
    }

    /// Returns the job at this address for a peer; `None` if there is none.
    ///
    /// # Errors
    /// If this peer, or all, request too many reads; or if the chain does not answer.
    pub(super) async fn find_job(
        &self,
        address: &Address,
        peer: EndpointId,
    ) -> Result<Option<Job>, ReadLimited> {
        {
            let mut recent = self.recent.lock().await;
            if let Some((read_at, job)) = recent.jobs.get(address)
                && read_at.elapsed() < MAX_AGE
            {
                return Ok(*job);
            }
            recent.count_read(peer)?;
        }

        // A failure is not remembered: there may be such a job.
        let job = self.session.find_account::<Job>(address).await.map_err(|_| ReadLimited)?;
        let mut recent = self.recent.lock().await;
        if recent.jobs.len() >= MAX_REMEMBERED {
            recent.jobs.clear();
        }
        recent.jobs.insert(*address, (Instant::now(), job));
        Ok(job)
    }
}

impl Recent {
    fn count_read(&mut self, peer: EndpointId) -> Result<(), ReadLimited> {
        let now = Instant::now();
        let free_at = self.free_at.unwrap_or(now).max(now) + READ_INTERVAL;
        if free_at.duration_since(now) > READ_INTERVAL * MAX_READS {
            return Err(ReadLimited);
        }

        self.reads.retain(|(read_at, _)| now.duration_since(*read_at) < PEER_INTERVAL);
        if self.reads.iter().filter(|(_, of_peer)| *of_peer == peer).count() >= MAX_PEER_READS {
            return Err(ReadLimited);
        }
        self.reads.push((now, peer));
        self.free_at = Some(free_at);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use iroh::SecretKey;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn reads_are_bounded_for_all_and_for_each_peer() {
        let [first, second, third] =
            [1, 2, 3].map(|byte| SecretKey::from_bytes(&[byte; 32]).public());
        let mut recent = Recent::default();
        for _ in 0..MAX_PEER_READS {
            recent.count_read(first).unwrap();
        }
        assert_eq!(recent.count_read(first), Err(ReadLimited));
        for _ in 0..MAX_PEER_READS {
            recent.count_read(second).unwrap();
        }

        // All are used up; then one becomes free after the other.
        assert_eq!(recent.count_read(third), Err(ReadLimited));
        for _ in 0..3 {
            tokio::time::advance(READ_INTERVAL).await;
            recent.count_read(third).unwrap();
            assert_eq!(recent.count_read(third), Err(ReadLimited));
        }

        tokio::time::advance(PEER_INTERVAL).await;
        recent.count_read(first).unwrap();
    }

    #[tokio::test]
    async fn a_chain_that_does_not_answer_is_asked_again() {
        let reader = JobReader::new(Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1"));
        let peer = SecretKey::from_bytes(&[1; 32]).public();
        let found = reader.find_job(&Address::default(), peer).await;
        assert_eq!(found.unwrap_err(), ReadLimited);
        assert!(reader.recent.lock().await.jobs.is_empty(), "nothing is remembered");
    }
}
