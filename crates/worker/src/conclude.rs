//! What is left to do after a result: to be paid when its challenge window is over, and to forget
//! it.

use std::collections::HashSet;

use anyhow::Result;
use nosana_client::{actions, due::Due, jobs::accounts::Job};
use nosana_protocol::{job::State, units::UnixTimestamp};
use solana_address::Address;
use solana_signer::Signer;

use crate::{Worker, WorkerEvent, events::Events, keeper::is};

impl Worker {
    /// Goes through the journal: settles what is due, and drops what is over. Jobs in `busy` are
    /// left alone.
    pub(crate) async fn conclude(&self, busy: &HashSet<Address>, events: &Events) -> Result<()> {
        for address in self.journal.jobs() {
            if !busy.contains(&address) {
                // One job that cannot be looked at now must not keep the others, nor new work.
                if let Err(error) = self.conclude_one(address, events).await {
                    events.tell(WorkerEvent::Problem(format!(
                        "cannot conclude {address}: {error:#}"
                    )));
                }
            }
        }
        Ok(())
    }

    async fn conclude_one(&self, address: Address, events: &Events) -> Result<()> {
        let (job, run) =
            (self.session.find_account::<Job>(&address).await?, self.journal.get(&address));
        let (Some(job), Some(run)) = (job, run) else { return self.journal.remove(&address) };
        if self.runs(&job) && run.is(job.definition, job.started_at) {
            // It goes on as soon as the node's slot says so.
            return Ok(());
        }
        let Some(result) = run.result.filter(|result| self.delivered(&job, result)) else {
            return self.journal.remove(&address);
        };
        if !run.committed {
            // The node was cut off between the transaction and its confirmation.
            events.tell(WorkerEvent::Finished { job: address });
            self.journal.commit(&address)?;
        }
        tracing::debug!(job = %address, %result, "the chain has the result");
        if job.state == State::Settled as u8 {
            if job.node_credit > 0 {
                tracing::warn!(job = %address, "the pay is kept for this node: take it with `nosana node claim`");
            }
            return self.journal.remove(&address);
        }
        if self.is_due(&job).await? {
            let owner = self.config.authority.pubkey();
            let settle = actions::settle(owner, address, &job, owner);
            self.send(Some(address), "settle", settle.into(), events).await?;
            self.journal.remove(&address)?;
        }
        Ok(())
    }

    async fn is_due(&self, job: &Job) -> Result<bool> {
        let now = UnixTimestamp(self.session.clock().await?.unix_timestamp);
        Ok(is(job, Due::Settle, now))
    }
}
