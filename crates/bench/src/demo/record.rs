//! What the worker told, sorted by job.

use std::collections::HashMap;

use nosana_client::{
    Event, Receipt,
    jobs::events::{Event as JobsEvent, JobSettled},
};
use nosana_worker::WorkerEvent;
use solana_address::Address;

use crate::report::Transaction;

/// What became known about one job. Times are milliseconds of the harness' clock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobRecord {
    /// The node has it.
    pub taken: Option<u64>,
    /// It is started.
    pub started: Option<u64>,
    /// The GPU is done.
    pub executed: Option<u64>,
    /// The result is on the chain.
    pub finished: Option<u64>,
    /// The node's transactions for it, in order.
    pub transactions: Vec<Transaction>,
    /// How its money was assigned.
    pub settled: Option<JobSettled>,
}

/// What became known about all jobs.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// By the job's address.
    pub jobs: HashMap<Address, JobRecord>,
    /// Transactions that belong to no job.
    pub others: Vec<Transaction>,
    /// What went wrong, and was tried again or given back.
    pub problems: Vec<String>,
    /// The node's offer to work; it belongs to the job that it leads to.
    offer: Option<Transaction>,
    /// Whether the node waits in the queue.
    waits: bool,
}

impl Record {
    /// Whether the node waits in the queue.
    pub const fn node_waits(&self) -> bool {
        self.waits
    }

    /// Notes an event that was heard at `at` milliseconds.
    pub fn note(&mut self, event: WorkerEvent, at: u64) {
        match event {
            WorkerEvent::Waiting | WorkerEvent::Recovered { .. } => {}
            WorkerEvent::Took { job } => {
                self.waits = false;
                let offer = self.offer.take();
                let record = self.job(job);
                record.taken = Some(at);
                record.transactions.extend(offer);
            }
            WorkerEvent::Started { job } => self.job(job).started = Some(at),
            WorkerEvent::Executed { job, .. } => self.job(job).executed = Some(at),
            WorkerEvent::Finished { job } => self.job(job).finished = Some(at),
            WorkerEvent::GaveBack { job, reason, .. } => {
                self.problems.push(format!("{job} was given back: {reason}"))
            }
            WorkerEvent::Problem(problem) => self.problems.push(problem),
            WorkerEvent::Transaction { job, instruction, receipt } => {
                self.transaction(job, instruction, &receipt)
            }
        }
    }

    /// The last word: an offer that led to no job belongs to none.
    pub fn close(mut self) -> Self {
        self.others.extend(self.offer.take());
        self
    }

    fn transaction(&mut self, job: Option<Address>, instruction: &str, receipt: &Receipt) {
        let transaction = Transaction::new(instruction, receipt);
        for event in &receipt.events {
            match event {
                Event::Jobs(JobsEvent::WorkOffered(offered)) => {
                    self.waits = offered.job == Address::default()
                }
                Event::Jobs(JobsEvent::NodeLeft(_)) => self.waits = false,
                Event::Jobs(JobsEvent::JobSettled(settled)) => {
                    self.job(settled.job).settled = Some(*settled)
                }
                _ => {}
            }
        }
        match job {
            Some(job) => self.job(job).transactions.push(transaction),
            None if instruction == "work" => self.others.extend(self.offer.replace(transaction)),
            None => {
                // Whoever leaves the queue takes the offer back.
                self.others.extend(self.offer.take());
                self.others.push(transaction);
            }
        }
    }

    fn job(&mut self, job: Address) -> &mut JobRecord {
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

    fn offer(job: Address) -> WorkerEvent {
        let (node, market) = (Address::default(), Address::default());
        let offered = WorkOffered { node, market, job, min_price_per_second: 1, cell: 0 };
        sent(None, "work", vec![Event::Jobs(JobsEvent::WorkOffered(offered))])
    }

    fn names(transactions: &[Transaction]) -> Vec<&str> {
        transactions.iter().map(|transaction| transaction.instruction.as_str()).collect()
    }

    #[test]
    fn an_offer_belongs_to_the_job_that_it_leads_to() {
        let mut record = Record::default();
        record.note(offer(Address::default()), 10);
        assert!(record.node_waits());
        record.note(WorkerEvent::Took { job: JOB }, 20);
        assert!(!record.node_waits());
        record.note(sent(Some(JOB), "start", vec![]), 30);
        record.note(WorkerEvent::Started { job: JOB }, 31);
        record.note(WorkerEvent::Executed { job: JOB, seconds: 0.5 }, 40);
        record.note(sent(Some(JOB), "finish", vec![]), 50);
        record.note(WorkerEvent::Finished { job: JOB }, 51);
        record.note(offer(Address::default()), 60);
        record.note(sent(None, "leave", vec![]), 70);
        assert!(record.node_waits(), "only the chain tells that it left");

        let record = record.close();
        let job = &record.jobs[&JOB];
        assert_eq!(names(&job.transactions), ["work", "start", "finish"]);
        assert_eq!(
            [job.taken, job.started, job.executed, job.finished],
            [Some(20), Some(31), Some(40), Some(51)]
        );
        assert_eq!(names(&record.others), ["work", "leave"]);
        assert_eq!(
            (job.transactions[0].latency_ms, job.transactions[0].fee_lamports),
            (420, 5_000)
        );
    }

    #[test]
    fn a_taken_job_is_no_waiting() {
        let mut record = Record::default();
        record.note(offer(JOB), 10);
        assert!(!record.node_waits());
        record.note(
            WorkerEvent::GaveBack {
                job: JOB,
                how: GaveBack::Refused,
                reason: "no such model".to_owned(),
            },
            20,
        );
        assert_eq!(record.problems.len(), 1);
        assert_eq!(names(&record.close().others), ["work"]);
    }
}
