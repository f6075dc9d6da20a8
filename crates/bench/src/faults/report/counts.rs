//! What a trial counted.

use serde::Serialize;

use crate::{
    faults::{
        facts::{JobEnd, JobFacts},
        keeper::{LifeEnd, NodeLife},
    },
    report::job::Money,
};

/// What became of the jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JobCounts {
    /// Jobs that the client listed.
    pub posted: usize,
    /// Jobs whose result was paid.
    pub completed: usize,
    /// Jobs that came back to the queue and were cancelled there.
    pub cancelled: usize,
    /// Jobs that ended because a clock ran out, or because they were tried too often.
    pub expired: usize,
    /// Jobs that are neither settled nor refundable.
    pub lost: usize,
    /// How often the node gave a job back.
    pub given_back: usize,
    /// How often a clock took a job from the node, so that it was queued again.
    pub taken_back: usize,
    /// Jobs with more than one settlement.
    pub paid_twice: usize,
    /// Results that are not stored, do not answer their definition, or have another content than
    /// their job must have.
    pub wrong_results: usize,
}

/// What happened to the node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NodeFigures {
    /// How often it was killed.
    pub kills: usize,
    /// How often it ended by itself.
    pub own_exits: usize,
    /// Base units that its owner lost for jobs that were not started in time.
    pub penalty: u64,
}

/// A job in the report.
#[derive(Clone, Debug, Serialize)]
pub struct JobSummary {
    /// Its number, counted from 1.
    pub number: u64,
    /// Its address.
    pub address: String,
    /// How it ended.
    pub end: JobEnd,
    /// How often the node started it.
    pub starts: u64,
    /// How often it came back to the queue.
    pub returns: usize,
    /// Its settlements by the chain's record.
    pub settlements: usize,
    /// Its money, in base units.
    pub money: Money,
    /// What is wrong with its result.
    pub fault: Option<String>,
}

impl JobCounts {
    /// Counts what became of these jobs.
    pub fn of_jobs(jobs: &[JobFacts]) -> Self {
        let count =
            |is_meant: fn(&JobFacts) -> bool| jobs.iter().filter(|job| is_meant(job)).count();

        Self {
            posted: jobs.len(),
            completed: count(|job| job.end() == JobEnd::Completed),
            cancelled: count(|job| job.end() == JobEnd::Cancelled),
            expired: count(|job| job.end() == JobEnd::Expired),
            lost: count(|job| job.end() == JobEnd::Lost),
            given_back: jobs.iter().map(JobFacts::count_given_back).sum(),
            taken_back: jobs.iter().map(JobFacts::count_taken_back).sum(),
            paid_twice: count(|job| job.record.settlements.len() > 1),
            wrong_results: count(|job| job.fault.is_some()),
        }
    }
}

impl NodeFigures {
    /// Counts the ends of the node's processes, and sums its penalties.
    pub fn of_lives(lives: &[NodeLife], jobs: &[JobFacts]) -> Self {
        let count = |end: LifeEnd| lives.iter().filter(|life| life.end == end).count();

        Self {
            kills: count(LifeEnd::Killed),
            own_exits: count(LifeEnd::ByItself),
            penalty: jobs.iter().map(|job| job.record.sum_penalties()).sum(),
        }
    }
}

impl JobSummary {
    /// Summarizes the facts about a job.
    pub fn new(job: &JobFacts) -> Self {
        Self {
            number: job.posted.number,
            address: job.address().to_string(),
            end: job.end(),
            starts: job.record.starts,
            returns: job.record.returns.len(),
            settlements: job.record.settlements.len(),
            money: job.money(),
            fault: job.fault.clone(),
        }
    }
}

/// Sums the money of all jobs.
pub fn sum_money(jobs: &[JobFacts]) -> Money {
    let mut total = Money::default();
    for money in jobs.iter().map(JobFacts::money) {
        total.escrow = total.escrow.saturating_add(money.escrow);
        total.node = total.node.saturating_add(money.node);
        total.refund = total.refund.saturating_add(money.refund);
        total.network = total.network.saturating_add(money.network);
    }
    total
}
