//! Cranks jobs that other nodes left: a node that waits for work ends the runs and matches whose
//! clocks have run out, and gets their jobs.
//!
//! Anyone may do this on the chain. Waiting nodes have the best reason: the job comes back to their
//! queue, and the sender who expires a match that was not started gets a share of the penalty.

use std::time::Duration;

use anyhow::Result;
use nosana_client::{
    actions,
    due::{self, Due},
    jobs::accounts::{Job, Node},
    session::{Filter, JobHolder},
};
use nosana_protocol::{job::State, slot::SlotState, units::UnixTimestamp};
use solana_address::Address;
use solana_signer::Signer;

use crate::{event_sink::EventSink, transaction::Outgoing, worker::Worker};

/// The pause between two reads of the market: each lists accounts, which is expensive for RPC
/// servers.
pub(crate) const CRANK_INTERVAL: Duration = Duration::from_secs(15);

/// A job that a node holds and did not start in time.
struct LateMatch {
    address: Address,
    job: Job,
    node: Node,
}

impl Worker {
    /// Ends runs and matches in this node's market whose clocks have run out, and settles own
    /// results that the journal lost. Returns whether there was any.
    pub(crate) async fn crank_market(&self, events: &EventSink) -> Result<bool> {
        let now = UnixTimestamp(self.session.fetch_clock().await?.unix_timestamp);
        let owner = self.config.authority.pubkey();

        let runs = self.find_silent_runs(now).await?;
        for (address, job) in &runs {
            let Some(node) = self.session.find_account::<Node>(&job.node).await? else { continue };
            let expire = actions::expire_run(owner, *address, job, node.authority);
            self.send_if_it_lands(Outgoing::for_job(*address, "expire_run", expire), events)
                .await?;
        }

        let matches = self.find_late_matches(now).await?;
        for LateMatch { address, job, node } in &matches {
            let (mint, reporter) = (self.config.mint, self.payout());
            let expire = actions::expire_match(*address, job, node.authority, mint, reporter);
            self.send_if_it_lands(Outgoing::for_job(*address, "expire_match", expire), events)
                .await?;
        }

        let results = self.find_forgotten_results(now).await?;
        for (address, job) in &results {
            let settle = actions::settle(owner, *address, job, owner);
            self.send_if_it_lands(Outgoing::for_job(*address, "settle", settle), events).await?;
        }

        Ok(!runs.is_empty() || !matches.is_empty() || !results.is_empty())
    }

    /// Returns the runs of other nodes that the chain would end now.
    async fn find_silent_runs(&self, now: UnixTimestamp) -> Result<Vec<(Address, Job)>> {
        let mut runs = self.list_jobs(State::Running).await?;
        runs.retain(|(_, job)| job.node != self.node && is_due(job, Due::ExpireRun, now));
        Ok(runs)
    }

    /// Returns the results of this node that are due and that its journal may have lost.
    async fn find_forgotten_results(&self, now: UnixTimestamp) -> Result<Vec<(Address, Job)>> {
        let mut results = self.list_jobs(State::Submitted).await?;
        results.retain(|(address, job)| {
            job.node == self.node
                && self.journal.get(address).is_none()
                && is_due(job, Due::Settle, now)
        });
        Ok(results)
    }

    /// Returns the jobs that other nodes hold and did not start in time.
    async fn find_late_matches(&self, now: UnixTimestamp) -> Result<Vec<LateMatch>> {
        let mut late = Vec::new();

        for (address, job) in self.list_jobs(State::Matched).await? {
            if job.node != self.node
                && is_due(&job, Due::ExpireMatch, now)
                && let Some(node) = self.session.find_account::<Node>(&job.node).await?
            {
                late.push(LateMatch { address, job, node });
            }
        }

        late.extend(self.find_late_claims(now).await?);
        Ok(late)
    }

    /// Returns the jobs that other nodes took from the queue and did not start in time.
    ///
    /// Only the node's slot names such a job. [`Session::holder_of`] lists all nodes for each job;
    /// this lists them once for all jobs.
    ///
    /// [`Session::holder_of`]: nosana_client::Session::holder_of
    async fn find_late_claims(&self, now: UnixTimestamp) -> Result<Vec<LateMatch>> {
        let mut claimed = self.list_jobs(State::Queued).await?;
        let queue = self.session.fetch_queue(&self.config.market).await?;
        claimed.retain(|(address, _)| queue.find_cell(address).is_none());
        if claimed.is_empty() {
            return Ok(Vec::new());
        }

        let nodes = self.session.list_accounts::<Node>(&[]).await?.into_iter();
        let others = nodes.filter(|(address, _)| *address != self.node);
        let holders: Vec<JobHolder> =
            others.map(|(address, node)| JobHolder { address, node }).collect();

        let late_claim = |(address, job): (Address, Job)| {
            // The node may have started the job since the jobs were listed.
            let claimed_since = |holder: &JobHolder| {
                let slot = holder.find_slot(&address)?;
                (slot.state == SlotState::Claimed as u8).then_some(slot.since)
            };
            let (since, node) =
                holders.iter().find_map(|holder| Some((claimed_since(holder)?, holder.node)))?;
            due::is_match_expired(&job, UnixTimestamp(since), now)
                .unwrap_or(false)
                .then_some(LateMatch { address, job, node })
        };
        Ok(claimed.into_iter().filter_map(late_claim).collect())
    }

    /// Lists the market's jobs in this state.
    pub(crate) async fn list_jobs(&self, state: State) -> Result<Vec<(Address, Job)>> {
        let filters = [
            Filter::new(Job::MARKET_OFFSET, self.config.market),
            Filter::new(Job::STATE_OFFSET, [state as u8]),
        ];
        Ok(self.session.list_accounts::<Job>(&filters).await?)
    }
}

/// Returns whether `due` is due for the job at `now`. Returns false if the account's timestamps
/// overflow.
pub(crate) fn is_due(job: &Job, due: Due, now: UnixTimestamp) -> bool {
    due::find_due(job, now).is_ok_and(|found| found == Some(due))
}
