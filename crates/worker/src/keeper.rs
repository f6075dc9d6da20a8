//! Clearing away what others left: a node that waits for work looks for jobs whose node fell
//! silent, and gets them.
//!
//! Anyone may do this on the chain. Waiting nodes have the best reason: the job comes back to their
//! line, and who undoes a match that was not started gets a share of the penalty.

use std::time::Duration;

use anyhow::Result;
use nosana_client::{
    actions,
    due::{self, Due},
    jobs::accounts::{Job, Node},
    session::Filter,
};
use nosana_protocol::{job::State, units::UnixTimestamp};
use solana_address::Address;
use solana_signer::Signer;

use crate::{Worker, events::Events, offer::Sent, slots::Slots};

/// Between two looks at the market: it lists accounts, which RPC servers do not like to do often.
pub(crate) const KEEP: Duration = Duration::from_secs(15);

impl Worker {
    /// Ends runs and matches in this node's market whose clocks are over. Returns whether there was
    /// any.
    pub(crate) async fn keep(&self, events: &Events) -> Result<bool> {
        let now = UnixTimestamp(self.session.clock().await?.unix_timestamp);
        let runs = self.silent_runs(now).await?;
        for (address, job) in &runs {
            let Some(node) = self.session.find_account::<Node>(&job.node).await? else { continue };
            let expire =
                actions::expire_run(self.config.authority.pubkey(), *address, job, node.authority);
            self.send_if_it_would_land(*address, Sent("expire_run", expire.into()), events).await?;
        }
        let matches = self.late_matches(now).await?;
        for (address, job, node) in &matches {
            let expire = actions::expire_match(*address, job, node.authority, self.payout());
            self.send_if_it_would_land(*address, Sent("expire_match", expire.into()), events)
                .await?;
        }
        let forgotten = self.forgotten_results(now).await?;
        for (address, job) in &forgotten {
            let owner = self.config.authority.pubkey();
            let settle = actions::settle(owner, *address, job, owner);
            self.send_if_it_would_land(*address, Sent("settle", settle.into()), events).await?;
        }
        Ok(!runs.is_empty() || !matches.is_empty() || !forgotten.is_empty())
    }

    /// Runs of other nodes that the chain would end now.
    async fn silent_runs(&self, now: UnixTimestamp) -> Result<Vec<(Address, Job)>> {
        let mut runs = self.jobs_in(State::Running).await?;
        runs.retain(|(_, job)| job.node != self.node && is(job, Due::ExpireRun, now));
        Ok(runs)
    }

    /// Results of this node that are due, and that its journal may have lost.
    async fn forgotten_results(&self, now: UnixTimestamp) -> Result<Vec<(Address, Job)>> {
        let mut results = self.jobs_in(State::Submitted).await?;
        results.retain(|(address, job)| {
            job.node == self.node
                && self.journal.get(address).is_none()
                && is(job, Due::Settle, now)
        });
        Ok(results)
    }

    /// Jobs that other nodes have and did not start in time, with their nodes.
    async fn late_matches(&self, now: UnixTimestamp) -> Result<Vec<(Address, Job, Node)>> {
        let mut late = Vec::new();
        for (address, job) in self.jobs_in(State::Matched).await? {
            if job.node != self.node
                && is(&job, Due::ExpireMatch, now)
                && let Some(node) = self.session.find_account::<Node>(&job.node).await?
            {
                late.push((address, job, node));
            }
        }
        // What a node took from the line names it nowhere but in that node's slots.
        let mut taken = self.jobs_in(State::Queued).await?;
        let queue = self.session.queue(&self.config.market).await?;
        taken.retain(|(address, _)| queue.index_of(address).is_none());
        if taken.is_empty() {
            return Ok(late);
        }
        for (address, node) in self.session.accounts::<Node>(&[]).await? {
            for held in Slots::read(&node, now.0).offered {
                let found = taken.iter().find(|(job, _)| *job == held && address != self.node);
                let since = node.slots.iter().find(|slot| slot.job == held).map(|slot| slot.since);
                if let (Some((job, account)), Some(since)) = (found, since)
                    && due::match_over(account, UnixTimestamp(since), now).unwrap_or(false)
                {
                    late.push((*job, *account, node));
                }
            }
        }
        Ok(late)
    }

    async fn jobs_in(&self, state: State) -> Result<Vec<(Address, Job)>> {
        let market = Filter::new(Job::MARKET_OFFSET, self.config.market);
        Ok(self
            .session
            .accounts::<Job>(&[market, Filter::new(Job::STATE_OFFSET, [state as u8])])
            .await?)
    }

    /// Sends it unless a simulation says that somebody else was first, which is nothing to report.
    async fn send_if_it_would_land(&self, job: Address, sent: Sent, events: &Events) -> Result<()> {
        if let Err(error) =
            self.session.simulate(std::slice::from_ref(&sent.1), &*self.config.authority).await
        {
            tracing::debug!(%job, %error, "somebody else was first");
            return Ok(());
        }
        tracing::info!(%job, instruction = sent.0, "clears away what another node left");
        self.send(Some(job), sent.0, sent.1, events).await?;
        Ok(())
    }
}

/// Whether this is due. Times that cannot be make nothing due.
pub(crate) fn is(job: &Job, what: Due, now: UnixTimestamp) -> bool {
    due::of(job, now).is_ok_and(|due| due == Some(what))
}
