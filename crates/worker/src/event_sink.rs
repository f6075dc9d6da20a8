//! Where a worker's events go.

use std::sync::Arc;

use solana_address::Address;
use tokio::sync::mpsc::UnboundedSender;

use crate::{events::WorkerEvent, metrics::Metrics};

/// Sends every event to the log, the metrics and the listener.
#[derive(Clone, Debug)]
pub(crate) struct EventSink {
    pub node: Address,
    pub listener: UnboundedSender<WorkerEvent>,
    pub metrics: Arc<Metrics>,
}

impl EventSink {
    /// Logs, counts and forwards one event.
    pub(crate) fn emit(&self, event: WorkerEvent) {
        log_event(&event);
        self.metrics.count_event(&event, &self.node);

        // A closed channel only means that the listener is gone.
        let _ = self.listener.send(event);
    }

    /// Emits a [`WorkerEvent::Problem`].
    pub(crate) fn emit_problem(&self, problem: String) {
        self.emit(WorkerEvent::Problem(problem));
    }
}

fn log_event(event: &WorkerEvent) {
    match event {
        WorkerEvent::Waiting => tracing::info!("waits in the queue"),
        WorkerEvent::Took { job } => tracing::info!(%job, "took a job"),
        WorkerEvent::Started { job } => tracing::info!(%job, "started"),
        WorkerEvent::Executed { job, seconds } => tracing::info!(%job, seconds, "executed"),
        WorkerEvent::Recovered { job } => {
            tracing::info!(%job, "found the result of an earlier run");
        }
        WorkerEvent::Finished { job } => tracing::info!(%job, "finished"),
        WorkerEvent::GaveBack { job, how, reason } => {
            tracing::warn!(%job, how = how.name(), reason, "gave back");
        }
        WorkerEvent::Transaction { instruction, receipt, .. } => {
            tracing::debug!(instruction, signature = %receipt.signature, "landed");
        }
        WorkerEvent::Problem(problem) => tracing::warn!("{problem}"),
    }
}
