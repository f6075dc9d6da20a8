//! One job: start it, run it while heartbeats prove that the node is alive, commit to its result.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nosana_client::{
    ClientError, actions,
    jobs::{
        self,
        accounts::{Job, Node},
    },
};
use nosana_protocol::job::State;
use nosana_store::{ContentId, JobResult};
use solana_address::Address;
use solana_signer::Signer;
use tokio::task::spawn_blocking;

use crate::{Worker, WorkerEvent, WorkerSummary, events::Events};

/// Heartbeats within the time that the job allows between two.
const BEATS: u64 = 3;
/// A heartbeat that leaves the last checkpoint.
const NO_CHECKPOINT: [u8; 32] = [0; 32];
/// The operations do not tell how far they are.
const NO_PROGRESS: u16 = 0;

impl Worker {
    /// Runs the job at `address`, which this node took; `started` tells whether it did more than that already.
    ///
    /// A job that cannot be run goes back to the queue. One that was taken away meanwhile is forgotten.
    pub(crate) async fn run_job(
        &self,
        address: Address,
        started: bool,
        events: &Events,
        summary: &mut WorkerSummary,
    ) -> Result<()> {
        if !started {
            let owner = self.config.authority.pubkey();
            let job = self.session.account::<Job>(&address).await?;
            let start = actions::start(owner, address, &job);
            match self.session.send(&[start.into()], &*self.config.authority, &[]).await {
                Ok(receipt) => {
                    events.tell(WorkerEvent::Transaction { job: Some(address), instruction: "start", receipt });
                }
                // This node cannot start it by waiting longer: another one should.
                Err(error) if is(&error, jobs::Error::StakeTooSmall) || is(&error, jobs::Error::NoAccess) => {
                    return self.give_back(address, &format!("it cannot be started: {error}"), events, summary).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        events.tell(WorkerEvent::Started { job: address });
        let job = self.session.account::<Job>(&address).await?;
        match self.execute(address, &job, events).await {
            Ok(result) => self.finish(address, &job, &result, events, summary).await,
            Err(reason) => self.give_back(address, &format!("{reason:#}"), events, summary).await,
        }
    }

    /// Runs the operations and sends heartbeats meanwhile.
    async fn execute(&self, address: Address, job: &Job, events: &Events) -> Result<JobResult> {
        let begun = Instant::now();
        let (executor, store) = (Arc::clone(&self.executor), self.config.store.clone());
        let definition = ContentId::from_digest(job.definition);
        let mut running = spawn_blocking(move || executor.run_stored(&definition, &store));
        let pause = Duration::from_secs((u64::from(job.heartbeat_seconds) / BEATS).max(1));
        let mut beat = tokio::time::interval_at(tokio::time::Instant::now() + pause, pause);
        // A beat is on its way beside the job, so that a result does not wait for its confirmation.
        let mut beating = None;
        let result = loop {
            tokio::select! {
                result = &mut running => break result.context("the job crashed")?,
                _ = beat.tick(), if beating.is_none() => beating = Some(Box::pin(self.beat(address, events))),
                () = async { if let Some(beat) = &mut beating { beat.await } }, if beating.is_some() => beating = None,
            }
        };
        events.tell(WorkerEvent::Executed { job: address, seconds: begun.elapsed().as_secs_f64() });
        result
    }

    /// One heartbeat. If it fails, the next one tries again; if the job is lost, its end will tell.
    async fn beat(&self, job: Address, events: &Events) {
        let heartbeat = actions::heartbeat(self.config.authority.pubkey(), job, NO_CHECKPOINT, NO_PROGRESS);
        if let Err(error) = self.send(Some(job), "heartbeat", heartbeat.into(), events).await {
            events.tell(WorkerEvent::Problem(format!("a heartbeat failed: {error:#}")));
        }
    }

    async fn finish(
        &self,
        address: Address,
        job: &Job,
        result: &JobResult,
        events: &Events,
        summary: &mut WorkerSummary,
    ) -> Result<()> {
        let digest = self.config.store.put_json(result)?.digest();
        let owner = self.config.authority.pubkey();
        let finish = actions::finish(owner, address, job, owner, digest);
        match self.session.send(&[finish.into()], &*self.config.authority, &[]).await {
            Ok(receipt) => {
                events.tell(WorkerEvent::Transaction { job: Some(address), instruction: "finish", receipt });
                events.tell(WorkerEvent::Finished { job: address });
                summary.finished += 1;
                Ok(())
            }
            Err(error) if is(&error, jobs::Error::DeadlinePassed) => {
                // Too late: nobody is paid. Ending the run frees the slot and refunds the client.
                let expire = actions::expire_run(owner, address, job, owner);
                self.send(Some(address), "expire_run", expire.into(), events).await?;
                self.forget(address, "the result came after the deadline".to_owned(), events, summary)
            }
            Err(error) if is(&error, jobs::Error::WrongState) || is(&error, jobs::Error::NotThisNode) => {
                let reason = format!("the job ended before its result: {error}");
                self.forget(address, reason, events, summary)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a job back that cannot be run.
    async fn give_back(
        &self,
        address: Address,
        reason: &str,
        events: &Events,
        summary: &mut WorkerSummary,
    ) -> Result<()> {
        let Some(job) = self.session.find_account::<Job>(&address).await? else {
            return self.forget(address, reason.to_owned(), events, summary);
        };
        let ours = job.node == self.node && (job.state == State::Running as u8 || job.state == State::Matched as u8);
        // A job that the node took from the queue does not name it before the start: its slot does.
        let taken = job.state == State::Queued as u8 && self.holds(address).await?;
        if ours || taken {
            let owner = self.config.authority.pubkey();
            let quit = actions::quit(owner, address, &job, owner);
            self.send(Some(address), "quit", quit.into(), events).await?;
        }
        self.forget(address, reason.to_owned(), events, summary)
    }

    /// Whether a slot of the node holds the job.
    async fn holds(&self, job: Address) -> Result<bool> {
        let node = self.session.account::<Node>(&self.node).await?;
        Ok(node.slots.iter().any(|slot| slot.job == job))
    }

    fn forget(&self, job: Address, reason: String, events: &Events, summary: &mut WorkerSummary) -> Result<()> {
        summary.gave_back += 1;
        events.tell(WorkerEvent::GaveBack { job, reason });
        Ok(())
    }
}

/// Whether the jobs program refused with this error.
fn is(error: &ClientError, refusal: jobs::Error) -> bool {
    error.program().is_some_and(|program| program.is_jobs(refusal))
}
