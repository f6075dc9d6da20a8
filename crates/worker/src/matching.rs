//! How a waiting node finds the job that matched it: from the market's events, and by reading the
//! chain regularly.

use std::time::Duration;

use anyhow::Result;
use nosana_client::{
    Event, Session,
    jobs::{accounts::Job, events::Event as JobsEvent},
    session::{Filter, Subscription, TransactionLogs},
};
use nosana_protocol::job::State;
use solana_address::Address;

/// Reads the chain at least this often: the websocket may have dropped an event.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// Jobs that match one node.
pub(crate) struct Matches {
    node: Address,
    logs: Subscription<TransactionLogs>,
    /// The job that the last event named.
    announced: Option<Address>,
}

impl Matches {
    /// Follows the events of the market from now on.
    pub fn follow_market(session: &Session, market: Address, node: Address) -> Self {
        Self { node, logs: session.subscribe_logs(market), announced: None }
    }

    /// Returns the jobs that matched the node and wait for their start.
    ///
    /// Checks the job of an event first: the event may be out of date.
    pub async fn find_matched(&mut self, session: &Session) -> Result<Vec<Address>> {
        if let Some(address) = self.announced.take()
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
        let next_match = tokio::time::timeout(POLL_INTERVAL, async {
            while let Some(logged) = self.logs.next().await {
                if let Some(job) = logged.events.iter().find_map(|event| self.job_in(event)) {
                    return Some(job);
                }
            }
            None
        });

        self.announced = next_match.await.ok().flatten();
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
