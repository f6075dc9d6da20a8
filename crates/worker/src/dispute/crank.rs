//! Moves disputes on, as anyone may: draws panels, resolves what is over, closes what is resolved.

use anyhow::Result;
use nosana_client::{disputes::DisputeStep, jobs::accounts::Dispute};
use nosana_protocol::units::UnixTimestamp;
use solana_address::Address;

use crate::{event_sink::EventSink, transaction::Outgoing, worker::Worker};

impl Worker {
    /// Sends the instructions that are due for a dispute at `now`. Others may send them as well: a
    /// second sender is not reported.
    pub(super) async fn crank_dispute(
        &self,
        address: Address,
        dispute: &Dispute,
        now: UnixTimestamp,
        events: &EventSink,
    ) -> Result<()> {
        for step in dispute.find_steps(now).unwrap_or_default() {
            self.take_dispute_step(address, dispute, step, events).await?;
        }
        Ok(())
    }

    async fn take_dispute_step(
        &self,
        address: Address,
        dispute: &Dispute,
        step: DisputeStep,
        events: &EventSink,
    ) -> Result<()> {
        let built = self
            .session
            .build_dispute_step(address, dispute, step, self.config.mint, self.payout())
            .await?;
        let Some(instruction) = built else {
            return Ok(());
        };

        let name = step.instruction_name();
        let outgoing = Outgoing::for_job(dispute.job, name, instruction);
        match self.send_if_it_lands(outgoing, events).await {
            Err(error) if error.program().is_some() => {
                tracing::debug!(dispute = %address, name, %error, "another sender was faster");
                Ok(())
            }
            sent => Ok(sent?),
        }
    }
}
