//! What a worker tells those who watch it.

use nosana_client::Receipt;
use solana_address::Address;
use tokio::sync::mpsc::UnboundedSender;

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
    /// The result is on the chain.
    Finished {
        /// The job.
        job: Address,
    },
    /// The job went back to the queue.
    GaveBack {
        /// The job.
        job: Address,
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

/// What a worker has done when it stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerSummary {
    /// Jobs whose result was accepted.
    pub finished: u64,
    /// Jobs given back.
    pub gave_back: u64,
}

/// Where events go. Nobody has to listen.
#[derive(Clone, Debug)]
pub(crate) struct Events(pub UnboundedSender<WorkerEvent>);

impl Events {
    pub(crate) fn tell(&self, event: WorkerEvent) {
        match &event {
            WorkerEvent::Problem(problem) => tracing::warn!("{problem}"),
            WorkerEvent::Transaction { instruction, receipt, .. } => {
                tracing::debug!(instruction, signature = %receipt.signature, "landed");
            }
            other => tracing::info!(?other, "worker"),
        }
        // A closed channel only means that nobody watches.
        let _ = self.0.send(event);
    }
}
