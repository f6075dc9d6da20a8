//! What a worker tells.

use std::sync::Arc;

use nosana_client::Receipt;
use solana_address::Address;
use tokio::sync::mpsc::UnboundedSender;

use crate::Metrics;

/// One step of a worker.
#[derive(Clone, Debug)]
pub enum WorkerEvent {
    /// It waits in the market's queue.
    Waiting,
    /// It has a job, and will start it.
    Took {
        /// The job.
        job: Address,
    },
    /// The chain has bound node and job; the pay clock runs.
    Started {
        /// The job.
        job: Address,
    },
    /// The operations are done.
    Executed {
        /// The job.
        job: Address,
        /// Seconds that they took.
        seconds: f64,
    },
    /// The result of a run that was cut short is there, and need not be made again.
    Recovered {
        /// The job.
        job: Address,
    },
    /// The result is on the chain; of a service, its run is settled, and what was proven is paid.
    Finished {
        /// The job.
        job: Address,
    },
    /// The node is not paid for the job.
    GaveBack {
        /// The job.
        job: Address,
        /// Whose doing it was.
        how: GaveBack,
        /// Why.
        reason: String,
    },
    /// A transaction landed.
    Transaction {
        /// The job it was about, if any.
        job: Option<Address>,
        /// The instruction.
        instruction: &'static str,
        /// What the chain says of it.
        receipt: Receipt,
    },
    /// Something failed that the worker will try again.
    Problem(String),
}

/// How a job was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GaveBack {
    /// The node refused it before the start: nothing is counted against it.
    Refused,
    /// The node could not run it: counted as a failure.
    Failed,
    /// It was stopped, or taken away, or its time ran out.
    Lost,
}

impl GaveBack {
    /// One word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Lost => "lost",
        }
    }
}

/// What a worker has done when it stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerSummary {
    /// Jobs whose result was accepted, and services that came to their end.
    pub finished: u64,
    /// Jobs that it was not paid for.
    pub gave_back: u64,
}

/// Where events go: into the log, the metrics, and to whoever listens.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    pub node: Address,
    pub listener: UnboundedSender<WorkerEvent>,
    pub metrics: Arc<Metrics>,
}

impl Events {
    pub(crate) fn tell(&self, event: WorkerEvent) {
        match &event {
            WorkerEvent::Waiting => tracing::info!("waits in line"),
            WorkerEvent::Took { job } => tracing::info!(%job, "took a job"),
            WorkerEvent::Started { job } => tracing::info!(%job, "started"),
            WorkerEvent::Executed { job, seconds } => tracing::info!(%job, seconds, "executed"),
            WorkerEvent::Recovered { job } => {
                tracing::info!(%job, "found the result of an earlier run")
            }
            WorkerEvent::Finished { job } => tracing::info!(%job, "finished"),
            WorkerEvent::GaveBack { job, how, reason } => {
                tracing::warn!(%job, how = how.name(), reason, "gave back")
            }
            WorkerEvent::Problem(problem) => tracing::warn!("{problem}"),
            WorkerEvent::Transaction { instruction, receipt, .. } => {
                tracing::debug!(instruction, signature = %receipt.signature, "landed");
            }
        }
        self.metrics.count(&event, &self.node);
        // A closed channel only means that nobody watches.
        let _ = self.listener.send(event);
    }
}
