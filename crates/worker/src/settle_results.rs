//! What remains to be done after a result: move its dispute on, settle it when its challenge window
//! is over, and remove it from the journal.

use std::{collections::HashSet, time::Duration};

use anyhow::Result;
use nosana_client::{actions, due::Due, jobs::accounts::Job};
use nosana_protocol::{job::State, units::UnixTimestamp};
use solana_address::Address;
use solana_signer::Signer;

use crate::{
    crank::is_due, event_sink::EventSink, events::WorkerEvent, transaction::Outgoing,
    worker::Worker,
};

/// For how long the chain has to contradict a trace before the journal forgets it: longer than any
/// RPC server is behind that answers at all.
const DOUBT_TIME: Duration = Duration::from_secs(3_600);

impl Worker {
    /// Settles every result in the journal that is due, and removes entries that are no longer
    /// needed. Skips the jobs in `busy`.
    pub(crate) async fn settle_results(
        &self,
        busy: &HashSet<Address>,
        events: &EventSink,
    ) -> Result<()> {
        for address in self.journal.job_addresses() {
            if busy.contains(&address) {
                continue;
            }

            // One failed read must not block the other jobs or new work.
            if let Err(error) = self.settle_result(address, events).await {
                events.emit_problem(format!("cannot settle {address}: {error:#}"));
            }
        }

        Ok(())
    }

    async fn settle_result(&self, address: Address, events: &EventSink) -> Result<()> {
        let job = self.session.find_account::<Job>(&address).await?;
        let entry = self.journal.get(&address);
        let (Some(job), Some(entry)) = (job, entry) else {
            return self.journal.remove_contradicted(&address, DOUBT_TIME);
        };
        if self.runs_here(&job) && entry.matches_run(job.definition, job.started_at) {
            // The main loop resumes the run once the node's slot names it.
            return Ok(());
        }
        let Some(result) = entry.result.filter(|result| self.has_result(&job, result)) else {
            return self.journal.remove_contradicted(&address, DOUBT_TIME);
        };
        self.journal.confirm_entry(&address);
        if job.state == State::Challenged as u8 {
            // The defense opens the trace.
            return self.crank_own_dispute(address, &job, entry.trace.is_some(), events).await;
        }

        if !entry.committed {
            // The node was interrupted between the transaction and its confirmation.
            events.emit(WorkerEvent::Finished { job: address });
            self.journal.mark_committed(&address)?;
            self.trim_private(address, &job, result).await;
        }
        tracing::debug!(job = %address, %result, "the chain has the result");

        if job.state == State::Settled as u8 {
            if job.node_credit > 0 {
                tracing::warn!(
                    job = %address,
                    "the job's pay is owed to this node: collect it with `nosana node claim`"
                );
            }
            return self.journal.remove_entry(&address);
        }

        let now = UnixTimestamp(self.session.fetch_clock().await?.unix_timestamp);
        if is_due(&job, Due::Settle, now) {
            let owner = self.config.authority.pubkey();
            let settle = actions::settle(owner, address, &job, owner);
            self.send(Outgoing::for_job(address, "settle", settle), events).await?;
            self.journal.remove_entry(&address)?;
        }

        Ok(())
    }
}
