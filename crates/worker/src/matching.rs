//! How a waiting node learns that a job has met it: from the market's events, and by asking now and then.

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
/// Where a job account names its market and its node: after the discriminator, and three or four addresses.
const MARKET: usize = 8 + 3 * 32;
const NODE: usize = 8 + 4 * 32;

/// Jobs that meet one node in one market.
pub struct Matches {
    market: Address,
    node: Address,
    logs: Subscription<Logged>,
    heard: Option<Address>,
}

impl Matches {
    /// Follows the market from now on.
    pub fn follow(session: &Session, market: Address, node: Address) -> Self {
        Self { market, node, logs: session.subscribe_logs(market), heard: None }
    }

    /// A job that is matched with the node and waits for its start.
    ///
    /// What an event told is checked first: it may be old.
    pub async fn find(&mut self, session: &Session) -> Result<Option<Address>> {
        if let Some(address) = self.heard.take()
            && let Some(job) = session.find_account::<Job>(&address).await?
            && self.is_ours(&job)
        {
            return Ok(Some(address));
        }
        let filters = [Filter::new(MARKET, self.market), Filter::new(NODE, self.node)];
        let jobs = session.accounts::<Job>(&filters).await?;
        Ok(jobs.into_iter().find(|(_, job)| self.is_ours(job)).map(|(address, _)| address))
    }

    /// Returns when an event names the node, or after a while.
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
        job.state == State::Matched as u8 && job.node == self.node && job.market == self.market
    }

    fn met_by(&self, event: &Event) -> Option<Address> {
        let Event::Jobs(event) = event else { return None };
        match event {
            JobsEvent::JobListed(listed) if listed.node == self.node => Some(listed.job),
            JobsEvent::JobRequeued(queued) if queued.node == self.node => Some(queued.job),
            // A match fell through, and the node took another job instead.
            JobsEvent::WorkOffered(offered) if offered.node == self.node && offered.job != Address::default() => {
                Some(offered.job)
            }
            _ => None,
        }
    }
}
