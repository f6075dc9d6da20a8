//! Following the dispute of a job that is waited for.

use anyhow::Result;
use nosana_client::{
    jobs::accounts::{Dispute, Job},
    pda,
};
use solana_address::Address;

use crate::commands::{
    context::CliContext,
    dispute::describe::{outcome_text, phase_text, progress_at},
};

/// Prints what a dispute does, and moves it on: a client who waits does not depend on others.
#[derive(Debug, Default)]
pub struct DisputeFollower {
    printed: String,
}

impl DisputeFollower {
    /// Prints the phase if it is new, and sends what is due. What fails is tried again.
    pub async fn advance(&mut self, ctx: &CliContext, address: &Address, job: &Job) {
        if let Err(error) = self.take_step(ctx, address, job).await {
            tracing::debug!("cannot move the dispute on: {error:#}");
        }
    }

    async fn take_step(&mut self, ctx: &CliContext, address: &Address, job: &Job) -> Result<()> {
        let dispute_address = pda::jobs::dispute(address, job.attempt_id);
        let found = ctx.session.find_account::<Dispute>(&dispute_address).await?;
        let Some(dispute) = found else { return Ok(()) };
        let now = ctx.chain_time().await?;

        self.print_line(&phase_text(&dispute, &progress_at(&dispute, now)?));
        for step in dispute.find_steps(now).unwrap_or_default() {
            let built = ctx
                .session
                .build_dispute_step(dispute_address, &dispute, step, ctx.mint, ctx.token_account())
                .await?;
            let Some(instruction) = built else { continue };
            // A node may be faster, or the slot that draws the panel is not over.
            let instructions = [instruction];
            if ctx.session.simulate_transaction(&instructions, &ctx.keypair).await.is_ok() {
                ctx.send_all(&instructions).await?;
            }
        }
        Ok(())
    }

    /// Prints the outcome of the dispute of a settled job, if there was one and its account is
    /// there.
    pub async fn finish(&mut self, ctx: &CliContext, address: &Address, job: &Job) {
        let dispute = pda::jobs::dispute(address, job.attempt_id);
        if let Ok(Some(dispute)) = ctx.session.find_account::<Dispute>(&dispute).await {
            self.print_line(outcome_text(dispute.known_outcome()));
        }
    }

    fn print_line(&mut self, line: &str) {
        if line != self.printed {
            eprintln!("dispute: {line}");
            line.clone_into(&mut self.printed);
        }
    }
}
