//! The loop from one job to the next, driven by the node's account.

use std::time::Duration;

use anyhow::Result;
use nosana_client::{
    Receipt, actions,
    jobs::{accounts::Node, types::Slot},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;
use tokio::sync::{mpsc::UnboundedSender, watch};

use crate::{Worker, WorkerEvent, WorkerSummary, events::Events, matching::Matches};

/// The unix time of this machine; the chain's is close enough to wait by.
fn now() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}

/// Between two tries after something failed.
const PAUSE: Duration = Duration::from_secs(1);

/// What a slot is used for, as the jobs program numbers it.
const WAITING: u8 = 1;
const OFFERED: u8 = 2;
const RUNNING: u8 = 3;

/// Resting: `since` is when it may be used again.
const RESTING: u8 = 4;

/// How a wait ended.
enum Waited {
    /// This job met the node.
    Met(Address),
    /// Something may have changed.
    LookAgain,
    /// The worker is to stop.
    Stop,
}

impl Worker {
    /// Works until `shutdown` becomes true; then finishes the job at hand and leaves the queue.
    pub async fn run(
        self,
        mut shutdown: watch::Receiver<bool>,
        events: UnboundedSender<WorkerEvent>,
    ) -> Result<WorkerSummary> {
        let events = Events(events);
        let mut matches = Matches::follow(&self.session, self.config.market, self.node);
        let mut summary = WorkerSummary::default();
        loop {
            let step = self.step(&mut matches, &mut shutdown, &events, &mut summary).await;
            match step {
                Ok(true) => return Ok(summary),
                Ok(false) => {}
                Err(error) => {
                    events.tell(WorkerEvent::Problem(format!("{error:#}")));
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// One step; true when there is nothing left to do.
    async fn step(
        &self,
        matches: &mut Matches,
        shutdown: &mut watch::Receiver<bool>,
        events: &Events,
        summary: &mut WorkerSummary,
    ) -> Result<bool> {
        let node = self.session.account::<Node>(&self.node).await?;
        let slot = |state: u8| node.slots.iter().find(|slot| slot.state == state);
        if let Some(Slot { job, .. }) = slot(RUNNING) {
            self.run_job(*job, true, events, summary).await?;
        } else if let Some(Slot { job, .. }) = slot(OFFERED) {
            events.tell(WorkerEvent::Took { job: *job });
            self.run_job(*job, false, events, summary).await?;
        } else if slot(WAITING).is_some() {
            match self.wait(matches, shutdown).await? {
                Waited::Met(job) => {
                    events.tell(WorkerEvent::Took { job });
                    self.run_job(job, false, events, summary).await?;
                }
                Waited::LookAgain => {}
                Waited::Stop => self.leave(events).await?,
            }
        } else if *shutdown.borrow() {
            return Ok(true);
        } else if node.slots.iter().take(node.capacity.into()).all(|slot| slot.state == RESTING && slot.since > now()) {
            tokio::time::sleep(PAUSE).await;
        } else {
            self.offer(events).await?;
        }
        Ok(false)
    }

    /// Takes the first waiting job, or joins the queue.
    async fn offer(&self, events: &Events) -> Result<()> {
        let owner = self.config.authority.pubkey();
        let mut work = actions::work(owner, self.config.market, self.config.min_price_per_second);
        work.max_collateral = self.market.terms.collateral_per_job;
        self.send(None, "work", work.into(), events).await?;
        events.tell(WorkerEvent::Waiting);
        Ok(())
    }

    /// Waits until a job meets this node, something else happens to it, or the worker is to stop.
    async fn wait(&self, matches: &mut Matches, shutdown: &mut watch::Receiver<bool>) -> Result<Waited> {
        if let Some(job) = matches.find(&self.session).await? {
            return Ok(Waited::Met(job));
        }
        if *shutdown.borrow() {
            return Ok(Waited::Stop);
        }
        tokio::select! {
            () = matches.changed() => {}
            _ = shutdown.changed() => {}
        }
        Ok(Waited::LookAgain)
    }

    /// Leaves the queue, unless a job has just met this node.
    async fn leave(&self, events: &Events) -> Result<()> {
        let queue = self.session.queue(&self.config.market).await?;
        let Some(cell) = queue.index_of(&self.node) else { return Ok(()) };
        let leave = actions::leave(self.config.authority.pubkey(), self.config.market, cell);
        self.send(None, "leave", leave.into(), events).await?;
        Ok(())
    }

    /// Sends one instruction, signed and paid by the node's authority.
    pub(crate) async fn send(
        &self,
        job: Option<Address>,
        name: &'static str,
        instruction: Instruction,
        events: &Events,
    ) -> Result<Receipt> {
        let receipt = self.session.send(&[instruction], &*self.config.authority, &[]).await?;
        events.tell(WorkerEvent::Transaction { job, instruction: name, receipt: receipt.clone() });
        Ok(receipt)
    }
}
