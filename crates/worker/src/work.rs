//! The loop from one job to the next, driven by the node's account. Every slot's job is a task of
//! its own.

use std::{collections::HashSet, sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use nosana_client::jobs::accounts::Node;
use solana_address::Address;
use tokio::{
    sync::{mpsc::UnboundedSender, watch},
    task::{Id, JoinError, JoinSet},
    time::Instant,
};

use crate::{
    Worker, WorkerEvent, WorkerSummary, events::Events, keeper::KEEP, matching::Matches,
    run::Ended, slots::Slots,
};

/// Between two tries after something failed.
const PAUSE: Duration = Duration::from_secs(1);

/// A node that leaves its lines does so once. More often, another process joins them again.
const MOST_LEFT: u32 = 5;
const ANOTHER_JOINS: &str = "this node leaves the line and is in it again: another process works with this key, and this one \
                             ends";

/// What to do after the node's account has been looked at.
enum Next {
    /// Something was done: look again.
    Look,
    /// Nothing to do: wait until something happens.
    Wait,
    /// Everything is done.
    Stop,
}

/// A worker at work.
struct Loop {
    worker: Arc<Worker>,
    events: Events,
    matches: Matches,
    jobs: JoinSet<Ended>,
    /// The jobs of those tasks, so that none is run twice at a time.
    busy: Vec<(Id, Address)>,
    /// No new work is asked for before this.
    rest_until: Instant,
    /// When others' jobs are looked at next.
    keep_at: Instant,
    summary: WorkerSummary,
    /// How often it has left lines since it was asked to end.
    left: u32,
}

impl Worker {
    /// Works until `shutdown` becomes true; then finishes the jobs at hand and leaves the queue.
    pub async fn run(
        self,
        mut shutdown: watch::Receiver<bool>,
        events: UnboundedSender<WorkerEvent>,
    ) -> Result<WorkerSummary> {
        let events = Events { node: self.node, listener: events, metrics: self.metrics() };
        let matches = Matches::follow(&self.session, self.config.market, self.node);
        let mut working = Loop {
            worker: Arc::new(self),
            events,
            matches,
            jobs: JoinSet::new(),
            busy: Vec::new(),
            rest_until: Instant::now(),
            keep_at: Instant::now() + KEEP,
            summary: WorkerSummary::default(),
            left: 0,
        };
        loop {
            let leaving = *shutdown.borrow();
            match working.step(leaving).await {
                Ok(Next::Stop) => return Ok(working.summary),
                Ok(Next::Look) => working.reap(),
                Ok(Next::Wait) => working.wait(&mut shutdown, leaving).await,
                Err(error) => {
                    working.events.tell(WorkerEvent::Problem(format!("{error:#}")));
                    if working.left >= MOST_LEFT {
                        return Err(error);
                    }
                    tokio::time::sleep(PAUSE).await;
                    working.reap();
                }
            }
        }
    }
}

impl Loop {
    /// Looks at what the chain says, and does what is due.
    async fn step(&mut self, leaving: bool) -> Result<Next> {
        let worker = Arc::clone(&self.worker);
        let node = worker.session.account::<Node>(&worker.node).await?;
        let slots = Slots::read(&node, worker.session.clock().await?.unix_timestamp);
        self.events.metrics.see(&slots);
        for job in slots.held() {
            self.begin(job);
        }
        if !slots.waiting.is_empty() {
            for job in self.matches.find(&worker.session).await? {
                self.begin(job);
            }
        }
        worker.conclude(&self.busy(), &self.events).await?;
        if leaving || node.draining != 0 {
            if worker.leave(&slots, &self.events).await? {
                self.left += u32::from(leaving);
                ensure!(self.left < MOST_LEFT, ANOTHER_JOINS);
                return Ok(Next::Look);
            }
            let done =
                self.busy.is_empty() && slots.waiting.is_empty() && slots.held().next().is_none();
            return Ok(if leaving && done { Next::Stop } else { Next::Wait });
        }
        if !slots.waiting.is_empty() && Instant::now() >= self.keep_at {
            self.keep_at = Instant::now() + KEEP;
            if worker.keep(&self.events).await? {
                return Ok(Next::Look);
            }
        }
        if slots.free == 0 || Instant::now() < self.rest_until {
            return Ok(Next::Wait);
        }
        match worker.offer(&self.events).await? {
            None => Ok(Next::Look),
            Some(rest) => {
                self.rest_until = Instant::now() + rest;
                Ok(Next::Wait)
            }
        }
    }

    /// Runs a job, unless it runs already.
    fn begin(&mut self, job: Address) {
        if self.busy.iter().any(|(_, busy)| *busy == job) {
            return;
        }
        let (worker, events) = (Arc::clone(&self.worker), self.events.clone());
        let task = self.jobs.spawn(async move {
            match worker.run_job(job, &events).await {
                Ok(ended) => ended,
                Err(error) => {
                    events.tell(WorkerEvent::Problem(format!("job {job}: {error:#}")));
                    tokio::time::sleep(PAUSE).await;
                    Ended::Unknown
                }
            }
        });
        self.busy.push((task.id(), job));
    }

    fn busy(&self) -> HashSet<Address> {
        self.busy.iter().map(|(_, job)| *job).collect()
    }

    /// Waits until a job ends, one meets this node, the worker is to stop, or a while has passed.
    async fn wait(&mut self, shutdown: &mut watch::Receiver<bool>, leaving: bool) {
        tokio::select! {
            Some(ended) = self.jobs.join_next_with_id() => self.note(ended),
            () = self.matches.changed() => {}
            // A sender that is gone will never ask.
            Ok(()) = shutdown.changed(), if !leaving => {}
        }
        self.reap();
    }

    /// Takes note of all jobs that have ended meanwhile.
    fn reap(&mut self) {
        while let Some(ended) = self.jobs.try_join_next_with_id() {
            self.note(ended);
        }
    }

    fn note(&mut self, ended: Result<(Id, Ended), JoinError>) {
        let id = match ended {
            Ok((id, ended)) => {
                self.summary.finished += u64::from(ended == Ended::Finished);
                self.summary.gave_back += u64::from(ended == Ended::GaveBack);
                // There is room again, whatever the market said before.
                self.rest_until = Instant::now();
                id
            }
            Err(error) => {
                self.events.tell(WorkerEvent::Problem(format!("a job's task broke: {error}")));
                error.id()
            }
        };
        self.busy.retain(|(busy, _)| *busy != id);
    }
}
