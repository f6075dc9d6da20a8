//! What a node did for each job, by its events.

use std::{
    collections::{HashMap, VecDeque},
    time::Instant,
};

use nosana_worker::WorkerEvent;
use solana_address::Address;
use solana_signature::Signature;
use tokio::sync::mpsc::UnboundedReceiver;

/// What the node did for one job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeJob {
    /// When its operations had ended.
    pub executed: Option<Instant>,
    /// The node's transactions for it.
    pub signatures: Vec<Signature>,
}

/// What the node did for all jobs.
#[derive(Debug, Default)]
pub struct NodeRecord {
    jobs: HashMap<Address, NodeJob>,
    /// The `work` transactions that have led to no job yet: the next job is that of the first.
    waiting: VecDeque<Signature>,
}

impl NodeRecord {
    /// Records the events of a node until it ends.
    pub async fn collect_events(mut events: UnboundedReceiver<WorkerEvent>) -> Self {
        let mut record = Self::default();

        while let Some(event) = events.recv().await {
            record.record_event(event, Instant::now());
        }
        record
    }

    /// Returns what the node did for a job, if it had the job.
    pub fn find_job(&self, job: &Address) -> Option<&NodeJob> {
        self.jobs.get(job)
    }

    fn record_event(&mut self, event: WorkerEvent, time: Instant) {
        match event {
            WorkerEvent::Took { job } => {
                let work = self.waiting.pop_front();
                self.job_mut(job).signatures.extend(work);
            }
            WorkerEvent::Executed { job, .. } => self.job_mut(job).executed = Some(time),
            WorkerEvent::Transaction { job: Some(job), receipt, .. } => {
                self.job_mut(job).signatures.push(receipt.signature);
            }
            WorkerEvent::Transaction { job: None, instruction: "work", receipt } => {
                self.waiting.push_back(receipt.signature);
            }
            WorkerEvent::Transaction { .. }
            | WorkerEvent::Waiting
            | WorkerEvent::Started { .. }
            | WorkerEvent::Recovered { .. }
            | WorkerEvent::Finished { .. }
            | WorkerEvent::GaveBack { .. }
            | WorkerEvent::Problem(_) => {}
        }
    }

    fn job_mut(&mut self, job: Address) -> &mut NodeJob {
        self.jobs.entry(job).or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nosana_client::Receipt;
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    const JOBS: [Address; 2] = [Address::new_from_array([1; 32]), Address::new_from_array([2; 32])];

    fn signature(number: u8) -> Signature {
        Signature::from([number; 64])
    }

    fn sent(job: Option<Address>, instruction: &'static str, number: u8) -> WorkerEvent {
        let receipt = Receipt {
            signature: signature(number),
            slot: 5,
            fee_lamports: 5_000,
            compute_units: 3_000,
            logs: Vec::new(),
            events: Vec::new(),
            latency: Duration::from_millis(420),
        };
        WorkerEvent::Transaction { job, instruction, receipt }
    }

    #[tokio::test]
    async fn each_job_has_its_own_transactions_and_the_work_that_led_to_it() {
        let [first, second] = JOBS;
        let (events, received) = unbounded_channel();
        for event in [
            sent(None, "work", 1),
            sent(None, "work", 2),
            WorkerEvent::Took { job: first },
            sent(Some(first), "start", 3),
            WorkerEvent::Took { job: second },
            WorkerEvent::Executed { job: first, seconds: 0.5 },
            sent(Some(first), "finish", 4),
            sent(None, "work", 5),
            sent(None, "leave", 6),
        ] {
            events.send(event).unwrap();
        }
        drop(events);

        let record = NodeRecord::collect_events(received).await;
        let [one, other] = JOBS.map(|job| record.find_job(&job).unwrap());
        assert_eq!(one.signatures, [1, 3, 4].map(signature));
        assert_eq!(other.signatures, [2].map(signature));
        assert!(one.executed.is_some() && other.executed.is_none());
        assert_eq!(record.find_job(&Address::default()), None);
    }
}
