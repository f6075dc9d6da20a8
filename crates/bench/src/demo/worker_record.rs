//! The worker's events, by job.

use std::collections::HashMap;

use nosana_client::{
    Event, Receipt,
    jobs::events::{Event as JobsEvent, JobSettled},
};
use nosana_worker::WorkerEvent;
use solana_address::Address;

use crate::report::transaction::Transaction;

/// The events of one job. Times are milliseconds of the harness' clock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobRecord {
    /// When the node took it.
    pub taken: Option<u64>,
    /// When it was started.
    pub started: Option<u64>,
    /// When the GPU finished.
    pub executed: Option<u64>,
    /// When the result was submitted.
    pub finished: Option<u64>,
    /// The node's transactions for it, in order.
    pub transactions: Vec<Transaction>,
    /// The settlement of its escrow.
    pub settled: Option<JobSettled>,
}

/// The events of all jobs.
#[derive(Clone, Debug, Default)]
pub struct WorkerRecord {
    /// Jobs by address.
    pub jobs: HashMap<Address, JobRecord>,
    /// Transactions that do not belong to a job.
    pub others: Vec<Transaction>,
    /// Errors that were retried, and jobs that were given back.
    pub problems: Vec<String>,
    /// The node's last `work` transaction; it belongs to the job that it leads to.
    pending_work: Option<Transaction>,
    /// Whether the node waits in the queue.
    waits: bool,
}

impl WorkerRecord {
    /// Whether the node waits in the queue.
    pub const fn node_waits(&self) -> bool {
        self.waits
    }

    /// Records an event that was received at `time` milliseconds.
    pub fn record_event(&mut self, event: WorkerEvent, time: u64) {
        match event {
            WorkerEvent::Waiting | WorkerEvent::Recovered { .. } => {}
            WorkerEvent::Took { job } => {
                self.waits = false;
                let pending_work = self.pending_work.take();
                let record = self.job_mut(job);
                record.taken = Some(time);
                record.transactions.extend(pending_work);
            }
            WorkerEvent::Started { job } => self.job_mut(job).started = Some(time),
            WorkerEvent::Executed { job, .. } => self.job_mut(job).executed = Some(time),
            WorkerEvent::Finished { job } => self.job_mut(job).finished = Some(time),
            WorkerEvent::GaveBack { job, reason, .. } => {
                self.problems.push(format!("{job} was given back: {reason}"))
            }
            WorkerEvent::Problem(problem) => self.problems.push(problem),
            WorkerEvent::Transaction { job, instruction, receipt } => {
                self.record_transaction(job, instruction, &receipt)
            }
        }
    }

    /// Ends the record: a `work` transaction that led to no job belongs to none.
    pub fn close(mut self) -> Self {
        self.others.extend(self.pending_work.take());
        self
    }

    fn record_transaction(&mut self, job: Option<Address>, instruction: &str, receipt: &Receipt) {
        let transaction = Transaction::new(instruction, receipt);
        for event in &receipt.events {
            match event {
                Event::Jobs(JobsEvent::WorkOffered(offered)) => {
                    self.waits = offered.job == Address::default()
                }
                Event::Jobs(JobsEvent::NodeLeft(_)) => self.waits = false,
                Event::Jobs(JobsEvent::JobSettled(settled)) => {
                    self.job_mut(settled.job).settled = Some(*settled)
                }
                _ => {}
            }
        }

        match job {
            Some(job) => self.job_mut(job).transactions.push(transaction),
            None if instruction == "work" => {
                self.others.extend(self.pending_work.replace(transaction))
            }
            None => {
                // A node that leaves the queue is not given a job for its `work` transaction.
                self.others.extend(self.pending_work.take());
                self.others.push(transaction);
            }
        }
    }

    fn job_mut(&mut self, job: Address) -> &mut JobRecord {
        self.jobs.entry(job).or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nosana_client::jobs::events::WorkOffered;
    use nosana_worker::GaveBack;

    use super::*;

    const JOB: Address = Address::new_from_array([7; 32]);

    fn sent(job: Option<Address>, instruction: &'static str, events: Vec<Event>) -> WorkerEvent {
        let receipt = Receipt {
            signature: solana_signature::Signature::default(),
            slot: 5,
            fee_lamports: 5_000,
            compute_units: 3_000,
            logs: Vec::new(),
            events,
            latency: Duration::from_millis(420),
        };
        WorkerEvent::Transaction { job, instruction, receipt }
    }

    fn work_event(job: Address) -> WorkerEvent {
        let (node, market) = (Address::default(), Address::default());
        let offered = WorkOffered { node, market, job, min_price_per_second: 1, cell: 0 };
        sent(None, "work", vec![Event::Jobs(JobsEvent::WorkOffered(offered))])
    }

    fn instructions(transactions: &[Transaction]) -> Vec<&str> {
        transactions.iter().map(|transaction| transaction.instruction.as_str()).collect()
    }

    #[test]
    fn a_work_transaction_belongs_to_the_job_that_it_leads_to() {
        let mut record = WorkerRecord::default();
        record.record_event(work_event(Address::default()), 10);
        assert!(record.node_waits());
        record.record_event(WorkerEvent::Took { job: JOB }, 20);
        assert!(!record.node_waits());
        record.record_event(sent(Some(JOB), "start", vec![]), 30);
        record.record_event(WorkerEvent::Started { job: JOB }, 31);
        record.record_event(WorkerEvent::Executed { job: JOB, seconds: 0.5 }, 40);
        record.record_event(sent(Some(JOB), "finish", vec![]), 50);
        record.record_event(WorkerEvent::Finished { job: JOB }, 51);
        record.record_event(work_event(Address::default()), 60);
        record.record_event(sent(None, "leave", vec![]), 70);
        assert!(record.node_waits(), "only an event ends the wait");

        let record = record.close();
        let job = &record.jobs[&JOB];
        assert_eq!(instructions(&job.transactions), ["work", "start", "finish"]);
        assert_eq!(
            [job.taken, job.started, job.executed, job.finished],
            [Some(20), Some(31), Some(40), Some(51)]
        );
        assert_eq!(instructions(&record.others), ["work", "leave"]);
        assert_eq!(
            (job.transactions[0].latency_ms, job.transactions[0].fee_lamports),
            (420, 5_000)
        );
    }

    #[test]
    fn a_node_that_took_a_job_does_not_wait() {
        let mut record = WorkerRecord::default();
        record.record_event(work_event(JOB), 10);
        assert!(!record.node_waits());
        record.record_event(
            WorkerEvent::GaveBack {
                job: JOB,
                how: GaveBack::Refused,
                reason: "no such model".to_owned(),
            },
            20,
        );
        assert_eq!(record.problems.len(), 1);
        assert_eq!(instructions(&record.close().others), ["work"]);
    }
}
