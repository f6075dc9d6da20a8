//! `nosana dispute crank`: move a dispute on.

use anyhow::{Context, Result, anyhow, bail};
use nosana_client::{disputes::DisputeStep, jobs::accounts::Dispute};
use serde_json::json;
use solana_address::Address;
use solana_instruction::Instruction;

use super::{
    describe::{phase_text, progress_at},
    options::DisputeOptions,
};
use crate::commands::{context::CliContext, values::print_json};

/// Sends the instruction that is due, and prints its name.
pub async fn crank_dispute(options: DisputeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let (address, dispute) = options.fetch(&ctx).await?;
    let now = ctx.chain_time().await?;

    let steps =
        dispute.find_steps(now).map_err(|_| anyhow!("the timestamps of the dispute overflow"))?;
    if steps.is_empty() {
        let phase = phase_text(&dispute, &progress_at(&dispute, now)?);
        bail!("nothing is due: {phase}; try again later");
    }
    let (step, instruction) = choose_step(&ctx, address, &dispute, steps).await?;
    let receipt = ctx.send(instruction).await?;

    let name = step.instruction_name();
    if options.connection.is_json() {
        return print_json(&json!({
            "dispute": address.to_string(),
            "did": name,
            "signature": receipt.signature.to_string(),
        }));
    }
    println!("{name}: done");
    Ok(())
}

/// Returns the first step that would succeed; the last one, which says why not, if none would.
async fn choose_step(
    ctx: &CliContext,
    address: Address,
    dispute: &Dispute,
    steps: Vec<DisputeStep>,
) -> Result<(DisputeStep, Instruction)> {
    let mut chosen = None;
    for step in steps {
        let (mint, token) = (ctx.mint, ctx.token_account());
        let built = ctx.session.build_dispute_step(address, dispute, step, mint, token).await?;
        let Some(instruction) = built else { continue };

        let instructions = std::slice::from_ref(&instruction);
        let simulated = ctx.session.simulate_transaction(instructions, &ctx.keypair).await;
        chosen = Some((step, instruction));
        if simulated.is_ok() {
            break;
        }
    }
    chosen.with_context(|| {
        format!("an account that the dispute names is gone; `nosana dispute show {address}`")
    })
}
