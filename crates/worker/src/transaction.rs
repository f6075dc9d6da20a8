//! How the worker sends instructions.

use nosana_client::{ClientError, Receipt, SendOptions, jobs};
use solana_address::Address;
use solana_instruction::Instruction;

use crate::{event_sink::EventSink, events::WorkerEvent, worker::Worker};

/// What to send in one transaction, and how.
pub(crate) struct Outgoing {
    /// The job that it concerns, if any.
    job: Option<Address>,
    /// The name of the instructions in events.
    name: &'static str,
    instructions: Vec<Instruction>,
    is_urgent: bool,
}

impl Outgoing {
    /// An instruction about a job.
    pub fn for_job(job: Address, name: &'static str, instruction: impl Into<Instruction>) -> Self {
        Self { job: Some(job), name, instructions: vec![instruction.into()], is_urgent: false }
    }

    /// An instruction about the node's place in a market.
    pub fn for_market(name: &'static str, instruction: impl Into<Instruction>) -> Self {
        Self { job: None, name, instructions: vec![instruction.into()], is_urgent: false }
    }

    /// The same instruction `count` times, all of which land, or none.
    #[must_use]
    pub fn repeated(mut self, count: usize) -> Self {
        self.instructions = vec![self.instructions; count].concat();
        self
    }

    /// Adds the configured priority fee. For instructions that cost the node money if they land
    /// late: others may write to this node's account and delay them.
    #[must_use]
    pub fn urgent(self) -> Self {
        Self { is_urgent: true, ..self }
    }
}

impl Worker {
    /// Sends the instructions, signed and paid by the node's authority, and emits a
    /// [`WorkerEvent::Transaction`] once it has landed.
    pub(crate) async fn send(
        &self,
        outgoing: Outgoing,
        events: &EventSink,
    ) -> Result<Receipt, ClientError> {
        let expiry_retries = SendOptions::default().expiry_retries;
        self.send_repeatedly(outgoing, expiry_retries, events).await
    }

    async fn send_repeatedly(
        &self,
        outgoing: Outgoing,
        expiry_retries: u32,
        events: &EventSink,
    ) -> Result<Receipt, ClientError> {
        let Outgoing { job, name, instructions, is_urgent } = outgoing;
        let fee = if is_urgent { self.config.priority_micro_lamports } else { 0 };
        let options =
            SendOptions { priority_micro_lamports: fee, expiry_retries, ..SendOptions::default() };

        let authority = &*self.config.authority;
        let receipt =
            self.session.send_with_options(&instructions, authority, &[], &options).await?;

        let event = WorkerEvent::Transaction { job, instruction: name, receipt: receipt.clone() };
        events.emit(event);
        Ok(receipt)
    }

    /// Sends an instruction that is due for another node, unless a simulation fails: then another
    /// sender was faster, which is not worth reporting.
    pub(crate) async fn send_if_it_lands(
        &self,
        outgoing: Outgoing,
        events: &EventSink,
    ) -> Result<(), ClientError> {
        let Outgoing { job, name, instructions, .. } = &outgoing;
        let job = job.map(tracing::field::display);

        if let Err(error) =
            self.session.simulate_transaction(instructions, &*self.config.authority).await
        {
            tracing::debug!(job, %error, "another sender was faster");
            return Ok(());
        }

        tracing::info!(job, instruction = name, "cranks what is due");
        // Whether it is still due is decided anew after it has expired.
        self.send_repeatedly(outgoing, 0, events).await?;
        Ok(())
    }
}

/// Returns whether the jobs program refused the instruction with `refusal`.
pub(crate) fn refused_with(error: &ClientError, refusal: jobs::Error) -> bool {
    error.program().is_some_and(|program| program.is_jobs(refusal))
}
