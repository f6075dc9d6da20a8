//! How a waiting node learns that a job has met it: from the market's events, and by asking now and
//! then.

use std::time::Duration;

use anyhow::Result;
use nosana_client::{
    Event, Session,
    jobs::{accounts::Job, events::Event as JobsEvent},
    session::{Filter, Logged, Subscription},
};
use nosana_protocol::job::State;
use solana_address::Address;

/// How long to trust the silence of the websocket.
const POLL: Duration = Duration::from_secs(5);

/// Jobs that meet one node.
pub struct Matches {
    node: Address,
    logs: Subscription<Logged>,
    heard: Option<Address>,
}

impl Matches {
    /// Follows the market from now on.
    pub fn follow(session: &Session, market: Address, node: Address) -> Self {
        Self { node, logs: session.subscribe_logs(market), heard: None }
    }

    /// The jobs that are matched with the node and wait for their start.
    ///
    /// What an event told is checked first: it may be old.
    pub async fn find(&mut self, session: &Session) -> Result<Vec<Address>> {
        if let Some(address) = self.heard.take()
            && let Some(job) = session.find_account::<Job>(&address).await?
            && self.is_ours(&job)
        {
            return Ok(vec![address]);
        }
        let matched = Filter::new(Job::STATE_OFFSET, [State::Matched as u8]);
        let jobs =
            session.accounts::<Job>(&[Filter::new(Job::NODE_OFFSET, self.node), matched]).await?;
        Ok(jobs
            .into_iter()
            .filter(|(_, job)| self.is_ours(job))
            .map(|(address, _)| address)
            .collect())
    }

    /// Returns when an event names the node, or after a while. Nothing is lost if the caller stops
    /// waiting.
    pub async fn changed(&mut self) {
        let told = tokio::time::timeout(POLL, async {
            while let Some(logged) = self.logs.next().await {
                if let Some(job) = logged.events.iter().find_map(|event| self.met_by(event)) {
                    return Some(job);
                }
            }
            None
        });
        self.heard = told.await.ok().flatten();
    }

    fn is_ours(&self, job: &Job) -> bool {
        job.state == State::Matched as u8 && job.node == self.node
    }

    fn met_by(&self, event: &Event) -> Option<Address> {
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
