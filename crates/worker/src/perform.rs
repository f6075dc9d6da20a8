//! Getting a job's result: from an earlier run that was cut short, or by running it while
//! heartbeats prove that the node is alive.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nosana_client::{
    actions,
    jobs::{self, accounts::Job},
};
use nosana_job_spec::{ContentId, JobResult};
use nosana_protocol::units::{Seconds, UnixTimestamp};
use solana_address::Address;
use solana_signer::Signer;
use tokio::task::spawn_blocking;

use crate::{
    Cancel, Worker, WorkerEvent, check,
    events::Events,
    journal::{Journal, Run},
    kill,
    run::is,
};

/// Heartbeats within the time that the job allows between two.
const BEATS: u64 = 3;
/// A heartbeat that leaves the last checkpoint.
pub(crate) const NO_CHECKPOINT: [u8; 32] = [0; 32];
/// The operations do not tell how far they are.
pub(crate) const NO_PROGRESS: u16 = 0;

/// Between two looks at the job.
const LOOK: Duration = Duration::from_secs(5);
/// Between two tries to store a result.
const PAUSE: Duration = Duration::from_secs(5);
/// The part of a job's time that is left for ending its operations and handing in the result, and
/// its upper bound.
const LAST_PART: u64 = 10;
const LAST_SECONDS: u64 = 30;

/// What came of the operations.
pub(crate) enum Performed {
    /// A result that was read back from the store, and answers the job.
    Result(ContentId),
    /// An operation failed, or what it left in the store is damaged.
    Failed(String),
    /// Nobody wants a result any more.
    Lost(String),
}

impl Worker {
    /// Makes the result, or finds the one that was made before the node was interrupted.
    pub(crate) async fn perform(
        &self,
        address: Address,
        job: &Job,
        events: &Events,
    ) -> Result<Performed> {
        let definition = ContentId::from_digest(job.definition);
        if let Some(run) = self.journal.get(&address)
            && run.is(job.definition, job.started_at)
            && let Some(result) = run.result
        {
            match self.check(result, job).await? {
                Ok(()) => {
                    events.tell(WorkerEvent::Recovered { job: address });
                    return Ok(Performed::Result(result));
                }
                Err(reason) => {
                    tracing::warn!(job = %address, "an earlier result is made anew: {reason:#}")
                }
            }
        }
        let mut run =
            Run { definition, started_at: job.started_at, result: None, committed: false };
        self.journal.put(&address, run.clone())?;
        let result = match self.execute(address, job, events).await? {
            Executed::Result(result) => result,
            Executed::Failed(error) => return Ok(Performed::Failed(format!("{error:#}"))),
            Executed::Lost(reason) => return Ok(Performed::Lost(reason)),
        };
        let result = match self.store_result(address, result, events).await? {
            Ok(result) => result,
            Err(reason) => return Ok(Performed::Lost(reason)),
        };
        kill::point("before-journal");
        if let Err(reason) = self.check(result, job).await? {
            return Ok(Performed::Failed(format!("{reason:#}")));
        }
        run.result = Some(result);
        self.journal.put(&address, run)?;
        Ok(Performed::Result(result))
    }

    /// Stores the result, and tries again while it can be handed in: work that is done must not be
    /// lost to an IPFS node that pauses, or a disk that is full for a while. The inner error:
    /// nobody wants it any more.
    async fn store_result(
        &self,
        address: Address,
        result: JobResult,
        events: &Events,
    ) -> Result<Result<ContentId, String>> {
        let result = Arc::new(result);
        loop {
            let (store, kept) = (self.config.store.clone(), Arc::clone(&result));
            let error = match spawn_blocking(move || store.put_json(&*kept)).await? {
                Ok(id) => return Ok(Ok(id)),
                Err(error) => error,
            };
            events.tell(WorkerEvent::Problem(format!(
                "cannot store the result of {address}: {error}; trying again"
            )));
            if let Some(reason) = self.beat(address, events).await {
                return Ok(Err(reason));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Reads the result back. Files and hashes are no work for the threads that wait for the
    /// network.
    pub(crate) async fn check(&self, result: ContentId, job: &Job) -> Result<Result<()>> {
        let (store, job) = (self.config.store.clone(), *job);
        Ok(spawn_blocking(move || check::result(&result, &job, &store)).await?)
    }

    /// Runs the operations and sends heartbeats meanwhile; ends them when the chain says that they
    /// are in vain.
    async fn execute(&self, address: Address, job: &Job, events: &Events) -> Result<Executed> {
        let begun = Instant::now();
        let (executor, store) = (Arc::clone(&self.executor), self.config.store.clone());
        let (definition, cancel) = (ContentId::from_digest(job.definition), Cancel::default());
        // If this future is dropped, the operations end as well.
        let ending = CancelOnDrop(cancel.clone());
        let mut running =
            spawn_blocking(move || executor.run_stored(&definition, &store, &cancel, None));
        kill::point("executing");
        let pause = between_beats(job);
        let mut beat = tokio::time::interval_at(tokio::time::Instant::now() + pause, pause);
        let mut look = tokio::time::interval_at(tokio::time::Instant::now() + LOOK, LOOK);
        // A beat is on its way beside the job, so that a result does not wait for its confirmation.
        let mut beating = None;
        let result = loop {
            tokio::select! {
                result = &mut running => break result.context("the operations crashed")?,
                _ = beat.tick(), if beating.is_none() => beating = Some(Box::pin(self.beat(address, events))),
                // Heartbeats may be days apart, and clients stop jobs between them.
                _ = look.tick() => match self.batch_standing(address).await {
                    Ok(Standing::Runs) => {}
                    Ok(Standing::Ends) => ending.0.end(),
                    Ok(Standing::Lost(reason)) => {
                        ending.0.cancel();
                        return Ok(Executed::Lost(reason));
                    }
                    Err(error) => events.tell(WorkerEvent::Problem(format!("cannot look at {address}: {error:#}"))),
                },
                lost = async { match &mut beating { Some(beat) => beat.await, None => None } }, if beating.is_some() => {
                    beating = None;
                    if let Some(reason) = lost {
                        ending.0.cancel();
                        return Ok(Executed::Lost(reason));
                    }
                }
            }
        };
        events.tell(WorkerEvent::Executed { job: address, seconds: begun.elapsed().as_secs_f64() });
        Ok(match result {
            Ok(result) => Executed::Result(result),
            Err(error) => Executed::Failed(error),
        })
    }

    /// One heartbeat; the reason if the job is lost. If it fails otherwise, the next one tries
    /// again.
    async fn beat(&self, address: Address, events: &Events) -> Option<String> {
        let heartbeat =
            actions::heartbeat(self.config.authority.pubkey(), address, NO_CHECKPOINT, NO_PROGRESS);
        match self.session.send(&[heartbeat.into()], &*self.config.authority, &[]).await {
            Ok(receipt) => {
                events.tell(WorkerEvent::Transaction {
                    job: Some(address),
                    instruction: "heartbeat",
                    receipt,
                });
            }
            Err(error)
                if is(&error, jobs::Error::WrongState) || is(&error, jobs::Error::NotThisNode) =>
            {
                return Some(format!("the job ended before its result: {error}"));
            }
            Err(error) => events.tell(WorkerEvent::Problem(format!("a heartbeat failed: {error}"))),
        }
        match self.batch_standing(address).await {
            Ok(Standing::Lost(reason)) => Some(reason),
            Ok(_) => None,
            Err(error) => {
                events
                    .tell(WorkerEvent::Problem(format!("cannot compare the deadline: {error:#}")));
                None
            }
        }
    }

    /// Whether a result can still be taken. Its client may have stopped it, or given it more time,
    /// meanwhile.
    async fn batch_standing(&self, address: Address) -> Result<Standing> {
        let (job, clock) =
            tokio::try_join!(self.session.find_account::<Job>(&address), self.session.clock())?;
        let Some(job) = job else { return Ok(Standing::Lost("the job is closed".to_owned())) };
        if !self.runs(&job) {
            return Ok(Standing::Lost("the job ended before its result".to_owned()));
        }
        let now = UnixTimestamp(clock.unix_timestamp);
        let Ok(end) =
            job.clocks().deadline(UnixTimestamp(job.started_at), Seconds(job.timeout_seconds))
        else {
            return Ok(Standing::Runs);
        };
        if now > end {
            return Ok(Standing::Lost("its deadline has passed".to_owned()));
        }
        let left = u64::try_from(end.0.saturating_sub(now.0)).unwrap_or(0);
        let whole = job.timeout_seconds.saturating_add(job.finish_grace_seconds.into());
        Ok(if left <= (whole / LAST_PART).min(LAST_SECONDS) {
            Standing::Ends
        } else {
            Standing::Runs
        })
    }
}

/// What the chain says of a run.
enum Standing {
    Runs,
    /// There is time to end what runs and to hand in what it left, and no more: half a result is
    /// paid, a late one is not.
    Ends,
    Lost(String),
}

/// What came of one execution.
enum Executed {
    Result(JobResult),
    Failed(anyhow::Error),
    Lost(String),
}

/// How often a run sends heartbeats.
pub(crate) fn between_beats(job: &Job) -> Duration {
    Duration::from_secs((u64::from(job.heartbeat_seconds) / BEATS).max(1))
}

pub(crate) struct CancelOnDrop(pub Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Journal {
    /// Notes that the chain has the job's result.
    pub(crate) fn commit(&self, job: &Address) -> Result<()> {
        match self.get(job) {
            Some(run) => self.put(job, Run { committed: true, ..run }),
            None => Ok(()),
        }
    }
}
