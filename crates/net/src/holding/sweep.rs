//! Removes what no job names any more.

use std::time::Duration;

use nosana_client::{ClientError, jobs::accounts::Job};
use nosana_protocol::job::State;
use nosana_store::{Collected, StoreError};
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tracing::debug;

use super::{ChainAdmission, IndexError, judged_content::may_be_disputed};
use crate::{Clock, SystemClock};

/// The longest time for which content of a job is kept, in seconds: a week.
pub const MAX_HOLD_SECONDS: u64 = 7 * 86_400;

/// The pause between two reads of the chain.
pub(super) const READ_PAUSE: Duration = Duration::from_millis(50);
/// After so many failed reads, the other jobs are left to the next sweep.
pub(super) const MAX_FAILURES: usize = 8;
/// Blocks that are not older belong to a transfer that has not ended.
const MIN_AGE: Duration = Duration::from_secs(3_600);

/// Why content of a job is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// The node keeps it for others.
    Held,
    /// The node runs the job, or ran it.
    Own,
    /// The node judges its result.
    Judged,
}

/// Why a sweep ended early.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The chain does not answer.
    #[error(transparent)]
    Chain(#[from] ClientError),
    /// The index cannot be written.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ChainAdmission {
    /// Forgets the jobs that are closed or were settled for their retention, those of others that
    /// came more than a week ago, and those that this node judged and whose dispute has ended; and
    /// removes what was kept for them, and for private jobs.
    ///
    /// # Errors
    /// If the chain, the index or the store fails. What was removed stays removed, and the room of
    /// jobs that are forgotten is free, also if the chain fails.
    pub async fn sweep(&self) -> Result<Collected, SweepError> {
        // Whether a job is over is a question of the chain's time. If the clock cannot be read, the
        // last difference counts.
        let shared = &self.shared;
        if let Err(error) = shared.clock.adjust(shared.reader.session()).await {
            debug!("cannot read the chain's clock: {error}");
        }

        // Private content first: it is the larger one, and the indexes may list thousands of jobs.
        let swept_private = self.sweep_private().await;
        let swept = self.forget_jobs().await;

        let (store, kept) = (shared.held_store.clone(), shared.held.list_objects());
        let collecting = spawn_blocking(move || store.retain_files(&kept, MIN_AGE));
        let collected = collecting.await.map_err(|error| StoreError::Io {
            action: "sweep",
            path: shared.held_store.folder().to_owned(),
            source: std::io::Error::other(error),
        })?;
        let collected = collected?;
        swept_private.and(swept).map(|()| collected)
    }

    async fn forget_jobs(&self) -> Result<(), SweepError> {
        let shared = &self.shared;
        let session = shared.reader.session();
        let (here, chain) = (SystemClock.unix_seconds(), shared.clock.unix_seconds());
        let mut failures: Vec<SweepError> = Vec::new();
        let mut failed_reads = 0;

        let indexes = [
            (Origin::Held, &shared.held),
            (Origin::Own, self.own_index()),
            (Origin::Judged, &shared.judged),
        ];
        'indexes: for (origin, index) in indexes {
            for (address, objects) in index.list_jobs() {
                // A node with thousands of jobs must not use up its requests to the RPC server.
                sleep(READ_PAUSE).await;
                let has_aged = is_old(objects.since, here);
                let is_over = match session.find_account::<Job>(&address).await {
                    Ok(job) => is_forgotten(job.as_ref(), origin, has_aged, chain),
                    Err(error) => {
                        failures.push(error.into());
                        failed_reads += 1;
                        origin != Origin::Own && has_aged
                    }
                };
                if failed_reads >= MAX_FAILURES {
                    break 'indexes;
                }

                if is_over {
                    match (index.remove_job(&address), origin) {
                        (Err(error), _) => failures.push(error.into()),
                        (Ok(()), Origin::Held) => {
                            shared.budget.release_job(&address);
                            shared.taken_budget.release_job(&address);
                        }
                        (Ok(()), Origin::Own) => shared.remove_reports(&address),
                        (Ok(()), Origin::Judged) => {}
                    }
                }
            }
        }
        failures.pop().map_or(Ok(()), Err)
    }
}

/// Returns true if the time is over for which content is kept for a job. `now` is the chain's time,
/// by which the job was settled; `has_aged` says that the content came more than a week ago.
///
/// A node shows its own results for as long as the job has not been settled for its retention: a
/// result that a panel cannot read is wrong. Of its own jobs, one that is missing counts as closed
/// after a week: an RPC server may be behind. All phases of a dispute take less than a week.
fn is_forgotten(job: Option<&Job>, origin: Origin, has_aged: bool, now: u64) -> bool {
    match (job, origin) {
        (Some(job), Origin::Held) => has_aged || is_over(job, now),
        (Some(job), Origin::Own) => is_over(job, now),
        (Some(job), Origin::Judged) => has_aged || !may_be_disputed(job),
        (None, Origin::Held | Origin::Judged) => true,
        (None, Origin::Own) => has_aged,
    }
}

fn is_old(since: u64, now: u64) -> bool {
    now.saturating_sub(since) > MAX_HOLD_SECONDS
}

/// Whether the job was settled for its retention at the time `now` of the chain, so that anyone may
/// close it.
pub(super) fn is_over(job: &Job, now: u64) -> bool {
    let settled_at = u64::try_from(job.settled_at).unwrap_or_default();
    let kept_until = settled_at.saturating_add(u64::from(job.retention_seconds));
    job.state == State::Settled as u8 && now > kept_until
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::path::Path;
    use std::time::SystemTime;

    use nosana_client::{Session, codec::ProgramAccount};
    use nosana_job_spec::ContentId;
    use nosana_store::Store;
    use solana_address::Address;

    use super::*;
    use crate::holding::{
        HoldLimits, JobIndex, PrivateJobs,
        tests::{TestAccount, new_admission, start_chain},
    };

    fn make_old(folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                make_old(&entry);
            } else {
                let file = File::options().append(true).open(entry).unwrap();
                file.set_modified(SystemTime::now() - 2 * MIN_AGE).unwrap();
            }
        }
    }

    #[tokio::test]
    async fn a_failed_read_does_not_keep_what_nobody_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name| folder.path().join(name);
        let (held_store, own_store) =
            (Store::open(path("held")).unwrap(), Store::open(path("own")).unwrap());
        let [named, unnamed] = [b"named", b"gone."].map(|bytes| held_store.put(bytes).unwrap());
        make_old(held_store.folder());
        let held = JobIndex::open(&path("held-index")).unwrap();
        let own = JobIndex::open(&path("own-index")).unwrap();
        let now = SystemClock.unix_seconds();
        held.add_objects(Address::default(), [(named, 5)], now).unwrap();

        let session = Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1");
        let limits = HoldLimits::default();
        let private = PrivateJobs::open(&path("private"), Address::default()).unwrap();
        let judged = JobIndex::open(&path("judged-index")).unwrap();
        let (own, held) = ((own, judged, own_store), (held, held_store.clone()));
        let admission = ChainAdmission::new(session, own, held, private, limits);
        assert!(matches!(admission.sweep().await, Err(SweepError::Chain(_))));
        let has = |id: &ContentId| held_store.has_file(id);
        assert_eq!([has(&named), has(&unnamed)], [true, false]);
    }

    #[tokio::test]
    async fn jobs_are_over_by_the_clock_of_the_chain() {
        const HOUR: u64 = 3_600;
        let here = SystemClock.unix_seconds();
        let [kept, over] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
        let object = ContentId::from_digest([3; 32]);

        for chain in [here - HOUR, here + HOUR] {
            let settled = |seconds_ago: u64| Job {
                settled_at: i64::try_from(chain - seconds_ago).unwrap(),
                retention_seconds: 1_200,
                ..job(State::Settled)
            };
            let accounts = vec![
                TestAccount::of_clock(chain),
                TestAccount::of_job(kept, &settled(60)),
                TestAccount::of_job(over, &settled(1_800)),
            ];
            let folder = tempfile::tempdir().unwrap();
            let admission = new_admission(folder.path(), &start_chain(accounts));
            for address in [kept, over] {
                admission.shared.held.add_objects(address, [(object, 5)], here).unwrap();
                admission.private_jobs().open_store(&address).unwrap().put(b"secret").unwrap();
            }

            admission.sweep().await.unwrap();
            let is_held = |job| admission.shared.held.object_count(job).is_some();
            assert_eq!([is_held(&kept), is_held(&over)], [true, false], "{chain} for {here}");
            let is_private = |job| admission.private_jobs().has_job(job);
            assert_eq!([is_private(&kept), is_private(&over)], [true, false]);
        }
    }

    fn job(state: State) -> Job {
        let data = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        Job { state: state as u8, settled_at: 1_000, ..Job::from_data(&data).unwrap() }
    }

    #[test]
    fn own_results_are_shown_until_their_jobs_are_over() {
        let disputed = job(State::Challenged);
        let eight_days = 1_000 + 8 * 86_400;
        let is_forgotten =
            |job: Option<&Job>, origin, now| is_forgotten(job, origin, is_old(1_000, now), now);
        assert!(!is_forgotten(Some(&disputed), Origin::Own, eight_days));
        for origin in [Origin::Held, Origin::Judged] {
            assert!(is_forgotten(Some(&disputed), origin, eight_days));
            assert!(!is_forgotten(Some(&disputed), origin, 1_001));
            assert!(is_forgotten(None, origin, 1_001));
        }
        for origin in [Origin::Own, Origin::Held, Origin::Judged] {
            assert!(is_forgotten(Some(&job(State::Settled)), origin, 1_001));
        }
        assert!(!is_forgotten(None, Origin::Own, 1_001), "one read may be stale");
        assert!(is_forgotten(None, Origin::Own, eight_days));
    }
}
