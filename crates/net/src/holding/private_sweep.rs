//! Removes the content of private jobs that nobody needs any more. Nobody else has a copy, so a
//! reason is required that no RPC server which is behind can pretend.
//!
//! | reason | removed |
//! | --- | --- |
//! | this node gave the job back without running it: its own transaction | at once |
//! | the job was settled for its retention | in the next sweep |
//! | the job is gone, or another node has it | when all reads of an hour say so |

use std::io;

use nosana_client::jobs::accounts::Job;
use solana_address::Address;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::{
    ChainAdmission, IndexError,
    job_index::index_error,
    sweep::{MAX_FAILURES, READ_PAUSE, SweepError, is_over},
};
use crate::Clock;

/// What the chain says about the content of a private job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The client may still read it here.
    Needed,
    /// The job was settled for its retention.
    Over,
    /// The job is missing, or does not name this node. The read may be stale.
    Contradicted,
}

impl ChainAdmission {
    /// Removes the content of a private job that this node has given back without running it.
    /// Requires the node's own transaction as a proof: the chain is not asked.
    ///
    /// # Errors
    /// If the content cannot be removed.
    pub async fn discard_private(&self, address: &Address) -> Result<(), IndexError> {
        let shared = &self.shared;
        let private = shared.private.clone();
        let job = *address;

        let removing = spawn_blocking(move || private.remove_job(&job));
        let removed = removing.await.map_err(|error| {
            index_error("remove", shared.private.folder())(io::Error::other(error))
        })?;

        if removed? {
            shared.private_budget.release_job(address);
            shared.doubts.clear_doubt(address);
            tracing::info!(job = %address, "removed the content of a private job");
        }
        Ok(())
    }

    /// Removes the content of private jobs that this node does not need. A job that fails does not
    /// keep others.
    ///
    /// # Errors
    /// The last one, if the folder, the chain or a removal fails.
    pub(super) async fn sweep_private(&self) -> Result<(), SweepError> {
        let mut failures = Vec::new();
        let mut failed_reads = 0;

        for address in self.shared.private.list_jobs()? {
            let swept = self.sweep_job(&address).await;
            let Err(error) = swept else { continue };

            failed_reads += usize::from(matches!(error, SweepError::Chain(_)));
            failures.push(error);
            if failed_reads >= MAX_FAILURES {
                break;
            }
        }
        failures.pop().map_or(Ok(()), Err)
    }

    async fn sweep_job(&self, address: &Address) -> Result<(), SweepError> {
        let shared = &self.shared;
        if shared.private.is_active(address) {
            shared.doubts.clear_doubt(address);
            return Ok(());
        }

        // A node with thousands of jobs must not use up its requests to the RPC server.
        sleep(READ_PAUSE).await;
        let job = shared.reader.session().find_account::<Job>(address).await?;

        let now = shared.clock.unix_seconds();
        let is_removed = match judge_content(job.as_ref(), shared.private.node(), now) {
            Fate::Needed => {
                shared.doubts.clear_doubt(address);
                false
            }
            Fate::Over => true,
            Fate::Contradicted => shared.doubts.add_doubt(*address),
        };
        if is_removed {
            self.discard_private(address).await?;
        }
        Ok(())
    }
}

/// What a read of the job, which this node has not taken now, says about its content.
fn judge_content(job: Option<&Job>, node: &Address, now: u64) -> Fate {
    match job {
        Some(job) if is_over(job, now) => Fate::Over,
        Some(job) if job.node == *node => Fate::Needed,
        // A server that is behind shows a job that this node took from the queue without a node.
        Some(_) | None => Fate::Contradicted,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, Instant},
    };

    use nosana_client::codec::ProgramAccount;
    use nosana_protocol::job::State;

    use super::*;
    use crate::holding::{
        doubts::Doubts,
        tests::{new_admission, start_chain},
    };

    #[tokio::test]
    async fn content_of_a_job_that_is_gone_is_removed_after_the_time_of_doubt() {
        let time = Duration::from_millis(400);
        let folder = tempfile::tempdir().unwrap();
        let mut admission = new_admission(folder.path(), &start_chain(Vec::new()));
        let job = Address::new_from_array([7; 32]);
        admission.private_jobs().open_store(&job).unwrap().put(b"secret").unwrap();

        // By default, that is an hour.
        admission.sweep_private().await.unwrap();
        tokio::time::sleep(time).await;
        admission.sweep_private().await.unwrap();
        assert!(admission.private_jobs().has_job(&job));

        Arc::get_mut(&mut admission.shared).unwrap().doubts = Doubts::new(time);
        let begun = Instant::now();
        while admission.private_jobs().has_job(&job) {
            assert!(begun.elapsed() < Duration::from_secs(30), "it is still here");
            admission.sweep_private().await.unwrap();
        }
        assert!(begun.elapsed() >= time, "it was removed after {:?}", begun.elapsed());
    }

    #[test]
    fn one_stale_read_does_not_remove_the_only_copy() {
        let [node, other] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let job = |state: State, node| Job {
            state: state as u8,
            node,
            settled_at: 1_000,
            retention_seconds: 60,
            ..Job::from_data(&zeroed).unwrap()
        };
        let judge = |job: &Job, now| judge_content(Some(job), &node, now);

        assert_eq!(judge(&job(State::Submitted, node), 5_000), Fate::Needed);
        assert_eq!(judge(&job(State::Settled, node), 1_060), Fate::Needed);
        assert_eq!(judge(&job(State::Settled, node), 1_061), Fate::Over);
        assert_eq!(judge(&job(State::Settled, other), 1_061), Fate::Over);

        // As it was before the node took it, or as if another one had it.
        let queued = job(State::Queued, Address::default());
        assert_eq!(judge(&queued, 5_000), Fate::Contradicted);
        assert_eq!(judge(&job(State::Running, other), 5_000), Fate::Contradicted);
        assert_eq!(judge_content(None, &node, 5_000), Fate::Contradicted);
    }
}
