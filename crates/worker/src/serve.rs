//! A service: its operations run until its paid time is over, or the chain takes the job away.
//!
//! The program takes no result of a service and pays what heartbeats proved. So the node ends the
//! operations, stores what they left, names that in a last heartbeat's checkpoint, and lets the
//! chain settle the run.
//!
//! Operations that end by themselves begin again, as any supervisor of services lets them. The
//! chain holds every promised second that is not served against the node, so clients could
//! otherwise ruin a node's reputation with services that end at once, and pay for a second.

mod again;
mod watch;

use std::{sync::Arc, time::Instant};

use anyhow::{Context, Result, anyhow};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, JobResult};
use nosana_protocol::{job::Reason, units::UnixTimestamp};
use nosana_sandbox::Live;
use solana_address::Address;
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::timeout,
};

use self::{again::Again, watch::Over};
use crate::{
    Cancel, GaveBack, Worker, WorkerEvent, events::Events, journal::Run, perform::CancelOnDrop,
    run::Ended,
};

/// How the operations came to their end.
struct Served {
    over: Over,
    /// What they left, if it could be stored.
    result: Option<ContentId>,
}

impl Worker {
    /// Runs a service that this node has started, or goes on with one whose node process died, and
    /// sees it settled.
    pub(crate) async fn serve(
        &self,
        address: Address,
        job: &Job,
        events: &Events,
    ) -> Result<Ended> {
        let now = UnixTimestamp(self.session.clock().await?.unix_timestamp);
        let ending = job.ending(now).ok().context("the job's clocks are beyond all numbers")?;
        let earlier =
            self.journal.get(&address).filter(|run| run.is(job.definition, job.started_at));
        let served = match earlier.as_ref().and_then(|run| run.result) {
            Some(result) if watch::is_whole(ending) => {
                events.tell(WorkerEvent::Recovered { job: address });
                Served { over: Over::TimeIsUp, result: Some(result) }
            }
            result if ending.is_some() => {
                Served { over: Over::Taken("the node was away for too long".to_owned()), result }
            }
            _ => {
                let run = Run {
                    definition: ContentId::from_digest(job.definition),
                    started_at: job.started_at,
                    result: None,
                    committed: false,
                };
                self.journal.put(&address, run.clone())?;
                match self.operate(address, job, earlier.is_some(), events).await? {
                    Ok(served) => {
                        if served.result.is_some() {
                            self.journal.put(&address, Run { result: served.result, ..run })?;
                        }
                        served
                    }
                    Err(reason) => {
                        return self.give_back(address, &format!("{reason:#}"), events).await;
                    }
                }
            }
        };
        if let (Some(result), Over::TimeIsUp) = (&served.result, &served.over) {
            self.last_beat(address, result, events).await;
        }
        let job = self.outlast(address, events).await?;
        self.settle_accounts(address, job, &served, events)
    }

    /// Runs the operations, again and again if they end, until the chain ends the run. The inner
    /// error: this node cannot run them.
    async fn operate(
        &self,
        address: Address,
        job: &Job,
        resumed: bool,
        events: &Events,
    ) -> Result<Result<Served>> {
        let live = Live::default();
        let over = async {
            tokio::select! {
                over = self.until_over(address, events) => over,
                over = self.prove(address, job, resumed, &live, events) => over,
            }
        };
        let mut over = std::pin::pin!(over);
        let mut again = Again::default();
        let (over, result) = loop {
            let begun = Instant::now();
            let cancel = Cancel::default();
            // If this future is dropped, the operations end as well.
            let ending = CancelOnDrop(cancel.clone());
            let mut running = self.spawn_operations(job, cancel, live.clone());
            let ended = tokio::select! {
                result = &mut running => Ok(result),
                over = &mut over => Err(over),
            };
            let (over_now, result) = match ended {
                Ok(result) => (None, result),
                Err(over) => {
                    tracing::info!(job = %address, %over, "ending the service");
                    ending.0.end();
                    (Some(over), running.await)
                }
            };
            events.tell(WorkerEvent::Executed {
                job: address,
                seconds: begun.elapsed().as_secs_f64(),
            });
            let result = result.context("the operations crashed")?;
            if let Some(over) = over_now {
                break (over, result);
            }
            let how = match &result {
                Ok(_) => "ended".to_owned(),
                // Another node may be able to run them.
                Err(error) if again.is_first() => return Ok(Err(anyhow!("{error:#}"))),
                Err(error) => format!("failed: {error:#}"),
            };
            let pause = again.pause(begun.elapsed());
            let told = format!(
                "\n[node] its operations {how}; they begin again in {} s\n",
                pause.as_secs()
            );
            tracing::info!(job = %address, pause_seconds = pause.as_secs(), "the service's operations {how}");
            live.push(told.as_bytes());
            if let Ok(over) = timeout(pause, &mut over).await {
                break (over, result);
            }
        };
        Ok(Ok(match self.keep_result(result, job).await? {
            Ok(result) => Served { over, result: Some(result) },
            Err(error) => {
                tracing::warn!(job = %address, "what the service left is lost: {error:#}");
                Served { over, result: None }
            }
        }))
    }

    fn spawn_operations(
        &self,
        job: &Job,
        cancel: Cancel,
        printed: Live,
    ) -> JoinHandle<Result<JobResult>> {
        let (executor, store) = (Arc::clone(&self.executor), self.config.store.clone());
        let definition = ContentId::from_digest(job.definition);
        spawn_blocking(move || executor.run_stored(&definition, &store, &cancel, Some(&printed)))
    }

    /// Stores what the operations left, and reads it back.
    async fn keep_result(&self, result: Result<JobResult>, job: &Job) -> Result<Result<ContentId>> {
        let result = match result {
            Ok(result) => result,
            Err(error) => return Ok(Err(error)),
        };
        let store = self.config.store.clone();
        let result = spawn_blocking(move || store.put_json(&result))
            .await?
            .context("cannot store the result")?;
        Ok(self.check(result, job).await?.map(|()| result))
    }

    /// Tells how it ended, and forgets it.
    fn settle_accounts(
        &self,
        address: Address,
        job: Option<Job>,
        served: &Served,
        events: &Events,
    ) -> Result<Ended> {
        let Some(job) = job else {
            return self.forget(address, GaveBack::Lost, "the job is closed", events);
        };
        let reason = Reason::from_byte(job.reason).unwrap_or(Reason::None);
        let paid = job
            .split(reason, UnixTimestamp(job.settled_at))
            .ok()
            .map_or(0, |(seconds, _)| seconds.0);
        let result = served.result.map_or_else(|| "none".to_owned(), |result| result.to_string());
        tracing::info!(job = %address, ?reason, paid_seconds = paid, result, "the service is settled");
        match reason {
            Reason::Completed | Reason::ClientStopped => {}
            _ => {
                let why = format!("{}; settled as {reason:?}, paid for {paid} s", served.over);
                return self.forget(address, GaveBack::Lost, &why, events);
            }
        }
        self.journal.remove(&address)?;
        events.tell(WorkerEvent::Finished { job: address });
        Ok(Ended::Finished)
    }
}
