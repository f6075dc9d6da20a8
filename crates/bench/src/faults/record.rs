//! What the chain recorded about a job: the events of all transactions that name it.

use std::{collections::HashSet, time::Duration};

use anyhow::Result;
use nosana_client::{
    Event, Session,
    jobs::events::{Event as JobsEvent, JobRequeued, JobSettled},
    session::TransactionDetails,
    staking::events::{Event as StakingEvent, Slashed},
};
use solana_address::Address;
use tokio::time::{Instant, sleep};

use super::keeper::POLL_INTERVAL;

/// How long the network may take to store a transaction that it has confirmed.
const STORING_TIMEOUT: Duration = Duration::from_secs(15);

/// A penalty, and who reported the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Penalty {
    /// The wallet that sent the transaction. It gets the reporter's share.
    pub reporter: Address,
    /// What was taken.
    pub slashed: Slashed,
}

/// What the chain recorded about a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainRecord {
    /// Base units that the client deposited.
    pub escrow: u64,
    /// How often a node started it.
    pub starts: u64,
    /// How it came back to the queue, in order.
    pub returns: Vec<JobRequeued>,
    /// Its settlements: one, unless it is lost or paid twice.
    pub settlements: Vec<JobSettled>,
    /// What nodes lost because they did not start it.
    pub penalties: Vec<Penalty>,
}

impl ChainRecord {
    /// Reads the transactions of a job. Waits for the settlement if the job `is_settled` by its
    /// account.
    pub async fn read(session: &Session, job: &Address, is_settled: bool) -> Result<Self> {
        let deadline = Instant::now() + STORING_TIMEOUT;

        loop {
            let mut transactions = session.list_transactions(job).await?;
            let mut seen = HashSet::new();
            transactions.retain(|past| seen.insert(past.signature));
            let details = session.fetch_transactions(job, &transactions).await?;

            let record = Self::collect_events(job, &details);
            let is_complete = details.len() == transactions.len()
                && (!is_settled || !record.settlements.is_empty());
            if is_complete || Instant::now() >= deadline {
                return Ok(record);
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// The base units that were slashed.
    pub fn sum_penalties(&self) -> u64 {
        let taken = self.penalties.iter().map(|Penalty { slashed, .. }| slashed);
        taken.map(|slashed| slashed.amount.saturating_add(slashed.delegated)).sum()
    }

    fn collect_events(job: &Address, transactions: &[TransactionDetails]) -> Self {
        let mut record = Self::default();
        for transaction in transactions {
            for event in &transaction.events {
                record.add_event(job, transaction.payer, event);
            }
        }
        record
    }

    /// Adds an event if it is about this job. Penalties name no job, but a transaction that expires
    /// a match names one only.
    fn add_event(&mut self, job: &Address, sender: Address, event: &Event) {
        match event {
            Event::Jobs(JobsEvent::JobListed(listed)) if listed.job == *job => {
                self.escrow = listed.escrow;
            }
            Event::Jobs(JobsEvent::JobStarted(started)) if started.job == *job => {
                self.starts += 1;
            }
            Event::Jobs(JobsEvent::JobRequeued(returned)) if returned.job == *job => {
                self.returns.push(*returned);
            }
            Event::Jobs(JobsEvent::JobSettled(settled)) if settled.job == *job => {
                self.settlements.push(*settled);
            }
            Event::Staking(StakingEvent::Slashed(slashed)) => {
                self.penalties.push(Penalty { reporter: sender, slashed: *slashed });
            }
            Event::Jobs(_) | Event::Staking(_) | Event::Rewards(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_other_jobs_are_left_out_and_a_second_payment_is_kept() {
        let [job, other, node] = [1, 2, 3].map(|byte| Address::new_from_array([byte; 32]));
        let settled = |job| {
            Event::Jobs(JobsEvent::JobSettled(JobSettled {
                job,
                node,
                result: [9; 32],
                reason: 1,
                node_amount: 50,
                payer_amount: 5,
                network_amount: 5,
                paid_seconds: 1,
                settled_at: 7,
            }))
        };
        let mut record = ChainRecord::default();
        record.add_event(&job, node, &settled(other));
        assert_eq!(record, ChainRecord::default());

        record.add_event(&job, node, &settled(job));
        record.add_event(&job, node, &settled(job));
        assert_eq!(record.settlements.len(), 2);
    }

    #[test]
    fn a_penalty_has_its_reporter() {
        let [job, owner, staker] = [1, 2, 3].map(|byte| Address::new_from_array([byte; 32]));
        let slashed = Slashed {
            owner,
            amount: 90,
            remaining: 10,
            reason: 1,
            delegated: 10,
            reporter: 50,
            burned: 50,
        };
        let mut record = ChainRecord::default();
        record.add_event(&job, staker, &Event::Staking(StakingEvent::Slashed(slashed)));
        assert_eq!(record.penalties, [Penalty { reporter: staker, slashed }]);
        assert_eq!(record.sum_penalties(), 100);
    }
}
