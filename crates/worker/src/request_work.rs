//! How a node requests work, how it leaves the queues, and what it releases at its end.

use std::time::Duration;

use anyhow::Result;
use nosana_client::{
    actions,
    jobs::{
        self,
        accounts::{Market, Node},
    },
    session::AccessToken,
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{
    event_sink::EventSink,
    events::WorkerEvent,
    kill::kill_point,
    slots::Slots,
    transaction::{Outgoing, refused_with},
    worker::Worker,
};

/// The pause before the next request, after the market had no room or refused the node for another
/// reason.
const RETRY_DELAY: Duration = Duration::from_secs(10);
/// The most jobs that one transaction requests. Validators keep 10 KB of a transaction's logs, and
/// a request that locks collateral logs about 1 KB: the events of more could be lost.
const MAX_REQUESTS: usize = 8;

impl Worker {
    /// Takes waiting jobs or enters the queue with the free slots, for no more than `room` jobs.
    /// Returns how long to wait if the node must not or the market will not.
    pub(crate) async fn request_work(
        &self,
        slots: &Slots,
        room: usize,
        events: &EventSink,
    ) -> Result<Option<Duration>> {
        if let Err(reason) = self.disk_space.check_disk_space() {
            events.emit_problem(format!("no new work: {reason:#}"));
            return Ok(Some(RETRY_DELAY));
        }

        let terms = self.session.fetch_account::<Market>(&self.config.market).await?.terms;
        if let Some(objection) = self.accepted_terms.find_worse_terms(&terms) {
            events.emit_problem(format!(
                "no new work, the market has worse terms than agreed: {objection}"
            ));
            return Ok(Some(RETRY_DELAY));
        }

        let left_here =
            usize::from(terms.max_parallel).saturating_sub(slots.count_used(&self.config.market));
        let count = slots.count_requests(room).min(left_here).min(MAX_REQUESTS);
        if count == 0 {
            // The node uses as many slots as one node may: it waits until one of them is free.
            return Ok(Some(RETRY_DELAY));
        }

        let owner = self.config.authority.pubkey();
        let access = self.find_access(&terms.access_collection).await?;
        let min_price = self.accepted_terms.min_price_per_second;
        let mut work = actions::work(owner, self.config.market, min_price).with_access(access);
        work.max_collateral = self.accepted_terms.max_collateral;

        let work = Instruction::from(work);
        let request = || Outgoing::for_market("work", work.clone());
        let mut sent = self.send(request().repeated(count), events).await;
        if count > 1 && sent.as_ref().is_err_and(|error| error.program().is_some()) {
            // The queue may have one more cell only, or the stake the collateral of one more job.
            sent = self.send(request(), events).await;
        }

        match sent {
            Ok(_) => {
                events.emit(WorkerEvent::Waiting);
                kill_point("after-work");
                Ok(None)
            }
            // Not a problem to report, as above: the slots were read before.
            Err(error) if refused_with(&error, jobs::Error::TooManyHere) => Ok(Some(RETRY_DELAY)),
            Err(error) if error.program().is_some() => {
                events.emit_problem(format!("the market does not accept this node now: {error}"));
                Ok(Some(RETRY_DELAY))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the owner's token of a collection, if the market requires one. The program decides
    /// whether the token is sufficient.
    pub(crate) async fn find_access(&self, collection: &Address) -> Result<Option<AccessToken>> {
        if *collection == Address::default() {
            return Ok(None);
        }

        Ok(self.session.find_access(&self.config.authority.pubkey(), collection).await?)
    }

    /// Leaves the queues of these markets, each once for each time that it is named, except where a
    /// job has just matched this node. Returns whether the node left any.
    pub(crate) async fn leave_queues(
        &self,
        markets: &[Address],
        events: &EventSink,
    ) -> Result<bool> {
        let mut has_left = false;

        for market in markets {
            let queue = self.session.fetch_queue(market).await?;
            let Some(cell) = queue.find_cell(&self.node) else { continue };
            let leave = actions::leave(self.config.authority.pubkey(), *market, cell);
            self.send(Outgoing::for_market("leave", leave), events).await?;
            has_left = true;
        }

        Ok(has_left)
    }

    /// Releases the collateral that the node keeps for its next jobs, since it takes no more of
    /// them. A failure is a warning: the collateral stays locked, and its owner can release it.
    pub(crate) async fn release_collateral(&self, events: &EventSink) {
        if let Err(error) = self.release_if_idle(events).await {
            tracing::warn!(
                "cannot release the collateral that the node keeps for its next jobs: {error:#}; \
                 `nosana node release` releases it"
            );
        }
    }

    async fn release_if_idle(&self, events: &EventSink) -> Result<()> {
        // Read again: a settlement may have added to it since the last step.
        let node = self.session.fetch_account::<Node>(&self.node).await?;
        if node.idle_collateral == 0 {
            return Ok(());
        }

        let release = actions::release_collateral(self.config.authority.pubkey());
        self.send(Outgoing::for_market("release_collateral", release), events).await?;
        Ok(())
    }
}
