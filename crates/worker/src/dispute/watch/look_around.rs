//! What a node looks for beside the disputes that it follows: others of its market, its place among
//! the panelists, and results to check. All requests are on tasks: an RPC server that lists no
//! accounts, or answers late, must not delay a vote.

use std::sync::Arc;

use anyhow::Result;
use nosana_client::{
    jobs::accounts::{Dispute, Job, Node},
    session::Filter,
};
use nosana_protocol::units::UnixTimestamp;
use solana_address::Address;
use tokio::time::Instant;

use super::{
    super::lapsed::REMOVAL_INTERVAL,
    DisputeWatch,
    choice::{choose_followed, forget_others},
    followed::TaskEnd,
};
use crate::{crank::CRANK_INTERVAL, worker::Worker};

impl DisputeWatch {
    /// Begins what is due. A list that failed is repeated in the next step.
    pub(super) fn look_around(&mut self, now: UnixTimestamp, is_leaving: bool) {
        if !self.is_listing && Instant::now() >= self.list_at {
            self.begin_list();
        }
        if is_leaving || Instant::now() < self.look_at {
            return;
        }

        self.look_at = Instant::now() + CRANK_INTERVAL;
        self.begin_enrolment();
        self.begin_removals();
        self.begin_search(now);
    }

    fn begin_list(&mut self) {
        self.is_listing = true;
        let worker = Arc::clone(&self.worker);
        self.tasks.spawn(async move { TaskEnd::Listed(worker.list_disputes().await) });
    }

    /// Follows the disputes that were listed.
    pub(super) fn record_list(&mut self, listed: Result<Vec<(Address, Dispute)>>) {
        self.is_listing = false;
        self.is_listed = listed.is_ok();
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => {
                return self.events.emit_problem(format!("cannot list disputes: {error:#}"));
            }
        };

        self.list_at = Instant::now() + CRANK_INTERVAL;
        let worker = Arc::clone(&self.worker);
        let is_own = |address: &Address, dispute: &Dispute| {
            dispute.find_seat(&worker.node).is_some() || worker.ballots.find(address).is_some()
        };
        let rank = |address: &Address| self.order.rank_address(address);
        let chosen = choose_followed(listed, is_own, rank);
        let engaged = &self.engaged;
        forget_others(&mut self.followed, &chosen, |address| {
            engaged.contains(address) || worker.ballots.find(address).is_some()
        });
        for address in chosen {
            self.followed.entry(address).or_default();
        }
    }

    fn begin_enrolment(&mut self) {
        if !self.worker.config.verification.panel || self.is_enrolling {
            return;
        }

        self.is_enrolling = true;
        let (worker, events) = (Arc::clone(&self.worker), self.events.clone());
        let is_start = self.is_start;
        self.tasks.spawn(async move {
            let enrolled = async {
                let node = worker.session.fetch_account::<Node>(&worker.node).await?;
                worker.keep_enrolment(&node, is_start, &events).await
            };
            TaskEnd::Enrolled(enrolled.await)
        });
    }

    /// Ends enrolments of other nodes whose stake has become smaller, if the owner wants this node
    /// to judge: only then it gains by that.
    fn begin_removals(&mut self) {
        let is_due = Instant::now() >= self.remove_at;
        if !self.worker.config.verification.panel || !is_due {
            return;
        }

        self.remove_at = Instant::now() + REMOVAL_INTERVAL;
        let (worker, events) = (Arc::clone(&self.worker), self.events.clone());
        self.tasks
            .spawn(async move { TaskEnd::Removed(worker.remove_lapsed_panelists(&events).await) });
    }

    /// Searches results of other nodes that can be checked, if this one is idle.
    fn begin_search(&mut self, now: UnixTimestamp) {
        let is_idle = !self.is_checking && self.worker.idle_work.is_idle();
        if !self.sampler.is_active() || !is_idle {
            return;
        }

        self.is_checking = true;
        let worker = Arc::clone(&self.worker);
        self.tasks.spawn(async move { TaskEnd::Searched(worker.list_checkable(now).await) });
    }

    /// Checks one of the results that were found.
    pub(super) fn record_search(&mut self, found: Result<Vec<(Address, Job)>>) {
        self.is_checking = false;
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                let problem = format!("cannot search results to check: {error:#}");
                return self.events.emit_problem(problem);
            }
        };
        // A job that begins from here on ends the check.
        let Some(cancel) = self.worker.idle_work.begin_check() else { return };
        let Some((address, job)) = self.sampler.choose_result(found) else { return };

        self.is_checking = true;
        let (worker, events) = (Arc::clone(&self.worker), self.events.clone());
        self.tasks.spawn(async move {
            let checked = worker.check_result(address, job, cancel, &events).await;
            TaskEnd::Checked(address, job.attempt_id, checked)
        });
    }
}

impl Worker {
    /// Lists the disputes of this node's market.
    async fn list_disputes(&self) -> Result<Vec<(Address, Dispute)>> {
        let filters = [Filter::new(Dispute::MARKET_OFFSET, self.config.market)];
        Ok(self.session.list_accounts::<Dispute>(&filters).await?)
    }
}
