//! The real nodes of the trial: the worker of `nosana node run`, in this process.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::accounts::Node;
use nosana_localnet::World;
use nosana_protocol::units::BASE_UNITS_PER_NOS;
use nosana_store::Store;
use nosana_worker::{
    RequestedTerms, VerificationConfig, Worker, WorkerConfig, WorkerEvent, WorkerSummary,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{people::Person, poll::POLL_INTERVAL};
use crate::{node::configure_worker, wait::with_timeout};

/// A price that no market pays: the node takes no jobs.
const NO_JOBS: RequestedTerms =
    RequestedTerms { min_price_per_second: Some(BASE_UNITS_PER_NOS), max_collateral: None };

/// What a real node is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Runs jobs: `nosana node run`.
    Jobs,
    /// Judges: `nosana node run --panel --min-price 1`.
    Panel,
    /// Checks results of others: `nosana node run --check-others 1 --min-price 1`.
    Fishing,
}

/// Prepares a node: opens the device, loads the model, measures, registers.
pub async fn prepare_node(
    world: &World,
    store: &Store,
    owner: &Person,
    duty: Duty,
) -> Result<Worker> {
    let (verification, requested_terms) = match duty {
        Duty::Jobs => (VerificationConfig::default(), RequestedTerms::default()),
        Duty::Panel => (VerificationConfig { panel: true, check_rate: 0.0 }, NO_JOBS),
        Duty::Fishing => (VerificationConfig { panel: false, check_rate: 1.0 }, NO_JOBS),
    };
    let config = WorkerConfig {
        authority: Arc::new(owner.key.insecure_clone()),
        verification,
        requested_terms,
        ..configure_worker(world, store, 1)?
    };
    let prepared = Worker::prepare(world.session.clone(), config).await;
    prepared.with_context(|| format!("cannot prepare the {}", owner.name))
}

/// A real node that runs. Dropping it ends it.
pub struct RunningNode {
    name: String,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<WorkerSummary>>,
    problems: Arc<Mutex<Vec<String>>>,
}

impl RunningNode {
    /// Runs a node that is prepared.
    pub fn start(owner: &Person, worker: Worker) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (events, received) = mpsc::unbounded_channel();
        let problems = Arc::default();
        tokio::spawn(keep_problems(received, owner.name.clone(), Arc::clone(&problems)));

        let task = tokio::spawn(worker.run(stopped, events));
        Self { name: owner.name.clone(), stop, task, problems }
    }

    /// Fails if the node has ended.
    pub fn check_alive(&self) -> Result<()> {
        ensure!(!self.task.is_finished(), "the {} has ended; {}", self.name, self.last_problem());
        Ok(())
    }

    /// Stops the node, and returns the errors that it retried.
    pub async fn stop(mut self, patience: Duration) -> Result<Vec<String>> {
        self.stop.send(true).with_context(|| format!("the {} ended too early", self.name))?;
        let ending = async { (&mut self.task).await? };
        with_timeout(patience, format!("stopping the {}", self.name), ending).await?;
        Ok(self.problems.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn last_problem(&self) -> String {
        let problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        problems.last().cloned().unwrap_or_else(|| "it reported no problem".to_owned())
    }
}

impl Drop for RunningNode {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Keeps what a node retried, and jobs that it gave back.
async fn keep_problems(
    mut events: mpsc::UnboundedReceiver<WorkerEvent>,
    name: String,
    problems: Arc<Mutex<Vec<String>>>,
) {
    while let Some(event) = events.recv().await {
        let problem = match event {
            WorkerEvent::Problem(problem) => problem,
            WorkerEvent::GaveBack { job, reason, .. } => format!("{job} was given back: {reason}"),
            WorkerEvent::Waiting
            | WorkerEvent::Took { .. }
            | WorkerEvent::Started { .. }
            | WorkerEvent::Executed { .. }
            | WorkerEvent::Recovered { .. }
            | WorkerEvent::Finished { .. }
            | WorkerEvent::Transaction { .. } => continue,
        };
        let mut kept = problems.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(format!("{name}: {problem}"));
    }
}

/// Waits until all panelists are enrolled.
pub async fn await_enrolment(world: &World, panel: &[Person], patience: Duration) -> Result<()> {
    let deadline = Instant::now() + patience;
    for panelist in panel {
        while world.session.fetch_account::<Node>(&panelist.node()).await?.panel_weight == 0 {
            ensure!(
                Instant::now() < deadline,
                "the {} is not enrolled within {} s; a slower machine needs more patience",
                panelist.name,
                patience.as_secs()
            );
            sleep(POLL_INTERVAL).await;
        }
    }
    Ok(())
}
