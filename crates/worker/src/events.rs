//! The events that a worker emits.

use nosana_client::Receipt;
use solana_address::Address;

/// One step of a worker.
#[derive(Clone, Debug)]
pub enum WorkerEvent {
    /// The node waits in the market's queue.
    Waiting,
    /// The node holds a job and will start it.
    Took {
        /// The job.
        job: Address,
    },
    /// The job runs on this node by the chain's account; its paid time has begun.
    Started {
        /// The job.
        job: Address,
    },
    /// The operations have ended.
    Executed {
        /// The job.
        job: Address,
        /// How long the operations ran, in seconds.
        seconds: f64,
    },
    /// The result of an interrupted run was found, so the operations need not run again.
    Recovered {
        /// The job.
        job: Address,
    },
    /// A batch job's result is on the chain; or a service's run is settled and its proven time
    /// paid.
    Finished {
        /// The job.
        job: Address,
    },
    /// The node is not paid for the job.
    GaveBack {
        /// The job.
        job: Address,
        /// Who caused it.
        how: GaveBack,
        /// The cause, in words.
        reason: String,
    },
    /// A transaction landed.
    Transaction {
        /// The job that the transaction concerns, if any.
        job: Option<Address>,
        /// The name of the instruction.
        instruction: &'static str,
        /// The confirmed transaction.
        receipt: Receipt,
    },
    /// Something failed; the worker will retry.
    Problem(String),
}

/// How a job was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GaveBack {
    /// The node refused the job before the start. Does not count against the node.
    Refused,
    /// The node could not run the job. Counts as a failure.
    Failed,
    /// The job was stopped, taken from the node, or ran out of time.
    Lost,
}

impl GaveBack {
    /// Returns the value of the `reason` label in metrics and of `how` in the log.
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
    /// Batch jobs whose result was accepted, and services that ran to their end.
    pub finished: u64,
    /// Jobs for which the node was not paid.
    pub gave_back: u64,
}
