//! Asking for work, and asking for no more.

use std::time::Duration;

use anyhow::Result;
use nosana_client::{
    ClientError, Receipt, SendOptions, actions,
    jobs::{self, accounts::Market},
    session::Access,
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{Worker, WorkerEvent, events::Events, run::is, slots::Slots};

/// How long to wait after the market had no room, or refused the node for another reason.
const REST: Duration = Duration::from_secs(10);

/// An instruction, and its name for the log.
pub(crate) struct Sent(pub &'static str, pub Instruction);

impl Worker {
    /// Takes the first waiting job, or joins the queue. Returns how long to wait if the market does
    /// not want that.
    pub(crate) async fn offer(&self, events: &Events) -> Result<Option<Duration>> {
        if let Err(reason) = self.room.check() {
            events.tell(WorkerEvent::Problem(format!("no new work: {reason:#}")));
            return Ok(Some(REST));
        }
        let owner = self.config.authority.pubkey();
        let terms = self.session.account::<Market>(&self.config.market).await?.terms;
        if let Some(objection) = self.agreed.objection(&terms) {
            events.tell(WorkerEvent::Problem(format!(
                "no new work, the market has worse terms than agreed: {objection}"
            )));
            return Ok(Some(REST));
        }
        let access = self.access(&terms.access_collection).await?;
        let agreed = &self.agreed;
        let mut work = actions::work(owner, self.config.market, agreed.min_price_per_second)
            .with_access(access);
        work.max_collateral = agreed.max_collateral;
        match self.session.send(&[work.into()], &*self.config.authority, &[]).await {
            Ok(receipt) => {
                events.tell(WorkerEvent::Transaction { job: None, instruction: "work", receipt });
                events.tell(WorkerEvent::Waiting);
                crate::kill::point("after-work");
                Ok(None)
            }
            // As many slots as one node may use there: no news until one of them is free again.
            Err(error) if is(&error, jobs::Error::TooManyHere) => Ok(Some(REST)),
            Err(error) if error.program().is_some() => {
                events.tell(WorkerEvent::Problem(format!(
                    "the market does not take this node now: {error}"
                )));
                Ok(Some(REST))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The owner's token of a collection, if one is asked for. Whether it is enough is the
    /// program's to say.
    pub(crate) async fn access(&self, collection: &Address) -> Result<Option<Access>> {
        if *collection == Address::default() {
            return Ok(None);
        }
        Ok(self.session.find_access(&self.config.authority.pubkey(), collection).await?)
    }

    /// Leaves all lines, except where a job has just met this node; whether it left any.
    pub(crate) async fn leave(&self, slots: &Slots, events: &Events) -> Result<bool> {
        let mut left = false;
        for market in &slots.waiting {
            let queue = self.session.queue(market).await?;
            let Some(cell) = queue.index_of(&self.node) else { continue };
            let leave = actions::leave(self.config.authority.pubkey(), *market, cell);
            self.send(None, "leave", leave.into(), events).await?;
            left = true;
        }
        Ok(left)
    }

    /// Sends what costs the node money if it comes late: others may crowd this node's account.
    pub(crate) async fn send_urgently(
        &self,
        instruction: Instruction,
    ) -> Result<Receipt, ClientError> {
        let priority_micro_lamports = self.config.priority_micro_lamports;
        let options = SendOptions { priority_micro_lamports, ..SendOptions::default() };
        self.session.send_with(&[instruction], &*self.config.authority, &[], &options).await
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
