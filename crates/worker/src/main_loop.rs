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
    crank::CRANK_INTERVAL,
    dispute::{Defense, DisputeWatch, KEEP_INTERVAL, WatchTask},
    event_sink::EventSink,
    events::{WorkerEvent, WorkerSummary},
    job::JobOutcome,
    matching::Matches,
    slots::Slots,
    worker::Worker,
};

/// The pause before the next attempt after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// A node that shuts down leaves its queues once. If it has to leave this often, another process
/// enters them again.
const MAX_DEPARTURES: u32 = 5;
const QUEUED_AGAIN: &str = "this node leaves the queue and is in it again: another process works \
                            with this key, and this one ends";

/// What follows a step.
enum NextStep {
    /// Something was done: read the account again.
    Repeat,
    /// Nothing to do: wait until something happens.
    Wait,
    /// Everything is done.
    Stop,
}

/// A worker that runs.
struct MainLoop {
    worker: Arc<Worker>,
    events: EventSink,
    matches: Matches,
    jobs: JoinSet<JobOutcome>,
    /// The jobs of those tasks, so that no job runs twice at a time.
    busy: Vec<(Id, Address)>,
    /// No request for new work before this.
    request_at: Instant,
    /// No crank before this.
    crank_at: Instant,
    /// When the content of disputable results is used next, so that the store keeps it.
    keep_at: Instant,
    summary: WorkerSummary,
    /// Follows the disputes of the market, if the owner wants that.
    watching: Option<WatchTask>,
    /// How often the node has left queues since the shutdown began.
    departures: u32,
}

impl Worker {
    /// Works until `shutdown` becomes true; then finishes the jobs that the node holds, leaves the
    /// queue, and releases the collateral that nothing uses.
    ///
    /// # Errors
    /// If another process with the same key keeps entering the queue during the shutdown.
    pub async fn run(
        self,
        mut shutdown: watch::Receiver<bool>,
        events: UnboundedSender<WorkerEvent>,
    ) -> Result<WorkerSummary> {
        let mut main_loop = MainLoop::new(self, events);
        let _defense = Defense::spawn(&main_loop.worker, &main_loop.events);
        let watch = DisputeWatch::begin(&main_loop.worker, &main_loop.events).await;
        main_loop.watching = watch.map(|watch| watch.spawn(shutdown.clone()));

        loop {
            let is_leaving = *shutdown.borrow();
            match main_loop.take_step(is_leaving).await {
                Ok(NextStep::Stop) => {
                    main_loop.warn_about_disputes();
                    main_loop.worker.release_collateral(&main_loop.events).await;
                    main_loop.worker.close_network().await;
                    return Ok(main_loop.summary);
                }
                Ok(NextStep::Repeat) => main_loop.reap_jobs(),
                Ok(NextStep::Wait) => main_loop.wait_for_change(&mut shutdown, is_leaving).await,
                Err(error) => {
                    main_loop.events.emit_problem(format!("{error:#}"));
                    if main_loop.departures >= MAX_DEPARTURES {
                        return Err(error);
                    }
                    tokio::time::sleep(RETRY_DELAY).await;
                    main_loop.reap_jobs();
                }
            }
        }
    }
}

impl MainLoop {
    fn new(worker: Worker, listener: UnboundedSender<WorkerEvent>) -> Self {
        let events = EventSink { node: worker.node, listener, metrics: worker.metrics() };
        let matches = Matches::follow_market(&worker.session, worker.config.market, worker.node);

        Self {
            worker: Arc::new(worker),
            events,
            matches,
            jobs: JoinSet::new(),
            busy: Vec::new(),
            request_at: Instant::now(),
            crank_at: Instant::now() + CRANK_INTERVAL,
            keep_at: Instant::now(),
            summary: WorkerSummary::default(),
            watching: None,
            departures: 0,
        }
    }

    /// Reads the chain, and does what is due.
    async fn take_step(&mut self, is_leaving: bool) -> Result<NextStep> {
        let worker = Arc::clone(&self.worker);
        let reading_node = worker.session.fetch_account::<Node>(&worker.node);
        let (node, clock) = tokio::try_join!(reading_node, worker.session.fetch_clock())?;
        let slots = Slots::read_from(&node, clock.unix_timestamp);
        self.events.metrics.set_slots(&slots);

        self.begin_jobs(&slots).await?;
        worker.settle_results(&self.busy_jobs(), &self.events).await?;
        if Instant::now() >= self.keep_at {
            // An IPFS node that does not answer must not delay jobs.
            tokio::spawn(async move { worker.disputable_content().keep().await });
            self.keep_at = Instant::now() + KEEP_INTERVAL;
        }

        if is_leaving || node.draining != 0 {
            return self.leave_market(&slots, is_leaving).await;
        }
        let room = self.worker.kept_devices.room_for_jobs();
        if self.worker.leave_queues(slots.waiting_beyond(room), &self.events).await? {
            return Ok(NextStep::Repeat);
        }
        if self.crank_if_waiting(&slots).await? {
            return Ok(NextStep::Repeat);
        }
        self.request_work(&slots).await
    }

    /// Begins the jobs that the node holds or that matched it.
    async fn begin_jobs(&mut self, slots: &Slots) -> Result<()> {
        for job in slots.held_jobs() {
            self.begin_job(job);
        }

        if !slots.waiting.is_empty() {
            let worker = Arc::clone(&self.worker);
            for job in self.matches.find_matched(&worker.session).await? {
                self.begin_job(job);
            }
        }

        Ok(())
    }

    /// Leaves the queues and requests no new work.
    async fn leave_market(&mut self, slots: &Slots, is_leaving: bool) -> Result<NextStep> {
        if self.worker.leave_queues(&slots.waiting, &self.events).await? {
            self.departures += u32::from(is_leaving);
            ensure!(self.departures < MAX_DEPARTURES, QUEUED_AGAIN);
            return Ok(NextStep::Repeat);
        }

        // Meanwhile the defense opens the traces of own results.
        let has_votes = self.watching.as_ref().is_some_and(|watching| !watching.has_ended());
        let is_done = self.busy.is_empty() && slots.are_unused() && !has_votes;
        Ok(if is_leaving && is_done { NextStep::Stop } else { NextStep::Wait })
    }

    /// Says what can still happen to this node's results.
    fn warn_about_disputes(&self) {
        let open = self.worker.count_disputable_results();
        if open > 0 {
            tracing::warn!(
                "{open} results can still be disputed: start the node again soon, a node that does \
                 not open its trace in time loses its collateral"
            );
        }
    }

    /// Cranks the market if a slot waits and the interval is over. Returns whether anything was
    /// due.
    async fn crank_if_waiting(&mut self, slots: &Slots) -> Result<bool> {
        if slots.waiting.is_empty() || Instant::now() < self.crank_at {
            return Ok(false);
        }

        self.crank_at = Instant::now() + CRANK_INTERVAL;
        self.worker.crank_market(&self.events).await
    }

    /// Requests work for the free slots, unless the devices are kept for disputed results, or an
    /// earlier request was refused a short time ago.
    async fn request_work(&mut self, slots: &Slots) -> Result<NextStep> {
        let room = self.worker.kept_devices.room_for_jobs();
        if slots.count_requests(room) == 0 || Instant::now() < self.request_at {
            return Ok(NextStep::Wait);
        }

        match self.worker.request_work(slots, room, &self.events).await? {
            None => Ok(NextStep::Repeat),
            Some(delay) => {
                self.request_at = Instant::now() + delay;
                Ok(NextStep::Wait)
            }
        }
    }

    /// Runs a job, unless it runs already.
    fn begin_job(&mut self, job: Address) {
        if self.busy.iter().any(|(_, busy)| *busy == job) {
            return;
        }

        self.worker.idle_work.begin_job();
        let worker = Arc::clone(&self.worker);
        let events = self.events.clone();
        let task = self.jobs.spawn(async move {
            match worker.drive_job(job, &events).await {
                Ok(outcome) => outcome,
                Err(error) => {
                    events.emit_problem(format!("job {job}: {error:#}"));
                    tokio::time::sleep(RETRY_DELAY).await;
                    JobOutcome::Unknown
                }
            }
        });
        self.busy.push((task.id(), job));
    }

    fn busy_jobs(&self) -> HashSet<Address> {
        self.busy.iter().map(|(_, job)| *job).collect()
    }

    /// Waits until a job ends, a job matches this node, more or fewer jobs may begin, the shutdown
    /// begins, or some seconds have passed.
    async fn wait_for_change(&mut self, shutdown: &mut watch::Receiver<bool>, is_leaving: bool) {
        tokio::select! {
            Some(joined) = self.jobs.join_next_with_id() => self.record_outcome(joined),
            () = self.matches.wait_for_change() => {}
            () = self.worker.kept_devices.wait_for_change() => {}
            // A sender that was dropped will never request a shutdown.
            Ok(()) = shutdown.changed(), if !is_leaving => {}
        }

        self.reap_jobs();
    }

    /// Records all jobs that have ended meanwhile.
    fn reap_jobs(&mut self) {
        while let Some(joined) = self.jobs.try_join_next_with_id() {
            self.record_outcome(joined);
        }
    }

    fn record_outcome(&mut self, joined: Result<(Id, JobOutcome), JoinError>) {
        let ended = match joined {
            Ok((id, outcome)) => {
                self.summary.finished += u64::from(outcome == JobOutcome::Finished);
                let is_unpaid = [JobOutcome::GaveBack, JobOutcome::Refused].contains(&outcome);
                self.summary.gave_back += u64::from(is_unpaid);
                // A slot is free again, even if the market refused the last request.
                self.request_at = Instant::now();
                id
            }
            Err(error) => {
                self.events.emit_problem(format!("a job's task crashed: {error}"));
                error.id()
            }
        };

        self.busy.retain(|(busy, _)| *busy != ended);
        self.worker.idle_work.end_job();
    }
}
