//! How a waiting node finds the job that matched it: from the market's events, and by reading the
//! chain regularly.

use std::{mem::take, time::Duration};

use anyhow::Result;
use nosana_client::{
    Event, Session,
    jobs::{accounts::Job, events::Event as JobsEvent},
    session::{Filter, Subscription, TransactionLogs},
};
use nosana_protocol::job::State;
use solana_address::Address;
use tokio::time::timeout;

/// Reads the chain at least this often: the websocket may have dropped an event.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// Jobs that match one node.
pub(crate) struct Matches {
    node: Address,
    logs: Subscription<TransactionLogs>,
    /// The jobs that the last events named.
    announced: Vec<Address>,
}

impl Matches {
    /// Follows the events of the market from now on.
    pub fn follow_market(session: &Session, market: Address, node: Address) -> Self {
        Self { node, logs: session.subscribe_logs(market), announced: Vec::new() }
    }

    /// Returns the jobs that matched the node and wait for their start.
    ///
    /// Checks the job of a single event first: the event may be out of date.
    pub async fn find_matched(&mut self, session: &Session) -> Result<Vec<Address>> {
        if let [address] = take(&mut self.announced)[..]
            && let Some(job) = session.find_account::<Job>(&address).await?
            && self.is_matched_here(&job)
        {
            return Ok(vec![address]);
        }

        let filters = [
            Filter::new(Job::NODE_OFFSET, self.node),
            Filter::new(Job::STATE_OFFSET, [State::Matched as u8]),
        ];
        let jobs = session.list_accounts::<Job>(&filters).await?.into_iter();
        let matched = jobs.filter(|(_, job)| self.is_matched_here(job));
        Ok(matched.map(|(address, _)| address).collect())
    }

    /// Returns when an event names the node, or after [`POLL_INTERVAL`]. Cancel safe: no event is
    /// lost if the caller stops waiting.
    pub async fn wait_for_change(&mut self) {
        // The chain was read since these events.
        self.announced.clear();

        let next_match = timeout(POLL_INTERVAL, async {
            while let Some(logged) = self.logs.next().await {
                self.note_jobs(&logged);
                if !self.announced.is_empty() {
                    return;
                }
            }
        });
        // After the interval, the chain is read anyway.
        let _ = next_match.await;

        // Clients often list several jobs in a slot: one read finds all of them.
        while let Some(logged) = self.logs.next_ready() {
            self.note_jobs(&logged);
        }
    }

    fn note_jobs(&mut self, logged: &TransactionLogs) {
        let jobs = logged.events.iter().filter_map(|event| self.job_in(event));
        self.announced.extend(jobs.collect::<Vec<_>>());
    }

    fn is_matched_here(&self, job: &Job) -> bool {
        job.state == State::Matched as u8 && job.node == self.node
    }

    /// Returns the job that the event brings to this node.
    fn job_in(&self, event: &Event) -> Option<Address> {
        let Event::Jobs(event) = event else { return None };

        match event {
            JobsEvent::JobListed(listed) if listed.node == self.node => Some(listed.job),
            JobsEvent::JobRequeued(queued) if queued.node == self.node => Some(queued.job),
            // A match fell through, and the node took another job instead.
            JobsEvent::WorkOffered(offered)
                if offered.node == self.node && offered.job != Address::default() =>
            {
                Some(offered.job)
            }
            _ => None,
        }
    }
}
